"""The check says everything that is wrong at once, and nothing is wrong with a contract that fits."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.errors import InputError
from pipeline.first_contract.check import Checked, check_contract
from tests.support.tiny import CONTRACT, visits

LOG = visits(users=30, days=40)


def checked(folder: Path, lines: pl.DataFrame | str = LOG, **changes: Any) -> Checked:
    """The check of the tiny shop's contract with `changes`; null removes a key."""
    raw = {key: value for key, value in {**CONTRACT, **changes}.items() if value is not None}
    (folder / "shop.yaml").write_text(yaml.safe_dump(raw))
    if isinstance(lines, str):
        (folder / "shop.csv").write_text(lines)
    else:
        lines.write_csv(folder / "shop.csv")
    return check_contract(folder / "shop.yaml", str(folder / "shop.csv"))


def test_a_contract_that_fits_has_a_summary_and_no_fault(tmp_path: Path) -> None:
    found = checked(tmp_path)
    assert (found.faults, found.notes) == ((), ())
    assert found.seen is not None
    assert found.seen.lines == min(LOG.height, 1000)
    assert found.seen.kinds["visit"] == LOG.head(1000)["what"].to_list().count("visit")


def test_all_faults_of_contract_columns_times_and_amounts_are_said_at_once(tmp_path: Path) -> None:
    lines = LOG.with_columns(
        time=pl.col("time").str.to_datetime().dt.strftime("%d.%m.%Y %H:%M"),
        sum=pl.col("sum").str.replace(".", ",", literal=True),
    )
    columns = {**CONTRACT["columns"], "country": "lend", "session": "visit_number"}
    found = checked(
        tmp_path, lines, columns=columns, colour="red", presence={"kinds": ["purchase"], "least_events": 0},
        derive={"score": "LENGTH(what"}, time={"timezone": "Europe/Berlinn"},
    )  # fmt: skip
    said = "\n".join(found.faults)
    for part in (
        "unknown key colour = 'red'",
        "presence.least_events = 0 is not allowed",
        "derive.score = 'LENGTH(what' is not an SQL expression",
        "time.timezone = 'Europe/Berlinn' is no time zone",
        "columns.country asks for 'lend', which is no column",
        "Near it: land.",
        "columns.session asks for 'visit_number'",
        "Write time: {format: '%d.%m.%Y %H:%M'}",
        "Write numbers: {'decimal': ','}",
    ):
        assert part in said, part


def test_a_zone_that_is_none_does_not_hide_what_external_tables_lack(tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text("date,known_at,rain\n2024-01-01,2024-01-02T06:00:00,x\n")
    table = {
        "name": "rain",
        "path": str(tmp_path / "rain.csv"),
        "by": "date",
        "values": ["rain"],
        "max_age_days": 3,
    }
    found = checked(tmp_path, time={"timezone": "Europe/Berlinn"}, external={"tables": [table]})
    said = "\n".join(found.faults)
    assert "time.timezone = 'Europe/Berlinn' is no time zone" in said
    assert "rain.csv: row 1: rain = 'x' is no number" in said


def test_a_wrong_separator_is_said_with_the_right_one(tmp_path: Path) -> None:
    LOG.write_csv(tmp_path / "other.csv", separator=";")
    found = checked(tmp_path, (tmp_path / "other.csv").read_text())
    assert "Write csv: {'separator': ';'}" in "\n".join(found.faults)


def test_missing_keys_do_not_hide_what_the_lines_say(tmp_path: Path) -> None:
    found = checked(
        tmp_path, groups=None, columns={"user_id": "client", "at": "time", "kind": "what"}, presence=None
    )
    said = "\n".join(found.faults)
    assert "key groups is missing" in said
    assert "columns.user_id asks for 'client'" in said


def test_another_encoding_and_another_format_are_said(tmp_path: Path) -> None:
    checked(tmp_path)
    text = (tmp_path / "shop.csv").read_text()
    (tmp_path / "wide.csv").write_bytes(text.encode("utf-16"))
    LOG.write_parquet(tmp_path / "log.parquet")
    wide = check_contract(tmp_path / "shop.yaml", str(tmp_path / "wide.csv"))
    parquet = check_contract(tmp_path / "shop.yaml", str(tmp_path / "log.parquet"))
    assert ["encoding: utf-16" in fault for fault in wide.faults] == [True]
    assert "format: parquet" in parquet.faults[0]


def test_kinds_that_never_occur_are_a_fault_if_no_other_does(tmp_path: Path) -> None:
    found = checked(tmp_path, groups={"trade": ["Purchase"]}, presence={"kinds": ["Purchase"]})
    assert ["no line has a kind of the groups" in one for one in found.faults] == [True, False]
    assert "no day is a login" in found.faults[1]
    some = checked(tmp_path, groups={"trade": ["purchase", "order"]}, presence={"kinds": None})
    assert some.faults == ()
    assert "kinds in no group, which count as other: visit" in "\n".join(some.notes)
    assert "kinds of the groups that these lines do not have: order" in some.notes


def test_a_table_of_users_with_other_ids_is_a_fault(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["1", "2"], "plan": ["a", "b"]}).write_csv(tmp_path / "users.csv")
    users = {
        "path": str(tmp_path / "users.csv"),
        "columns": {"user_id": "id", "plan": "plan"},
        "constant": ["plan"],
    }
    found = checked(tmp_path, users=users)
    assert len(found.faults) == 1
    assert "users.path has none of the" in found.faults[0]


def test_lines_without_users_are_a_note_and_too_many_a_fault(tmp_path: Path) -> None:
    few = LOG.with_row_index().with_columns(customer=pl.when(pl.col("index") % 10 > 0).then("customer"))
    many = LOG.with_row_index().with_columns(customer=pl.when(pl.col("index") % 10 == 0).then("customer"))
    assert "users_may_be_missing" in checked(tmp_path, few).notes[0]
    assert checked(tmp_path, few).faults == ()
    assert "have no user" in checked(tmp_path, many).faults[0]


def test_a_log_that_is_not_there_and_a_contract_that_is_not_there(tmp_path: Path) -> None:
    checked(tmp_path)
    missing = check_contract(tmp_path / "shop.yaml", str(tmp_path / "nothing.csv"))
    assert ["there is no such file or folder.\nCorrect --log" in fault for fault in missing.faults] == [True]
    with pytest.raises(InputError, match="lastlogin contract init LOG"):
        check_contract(tmp_path / "other.yaml", None)


def test_without_a_log_the_contract_alone_is_checked(tmp_path: Path) -> None:
    checked(tmp_path)
    found = check_contract(tmp_path / "shop.yaml", None)
    assert (found.faults, found.seen) == ((), None)


def test_quantities_that_are_text_or_missing_are_said_with_what_to_write(tmp_path: Path) -> None:
    found = checked(tmp_path, quantities={"places": "land", "points": "point", "paid": {"sql": "sum * 2"}})
    said = "\n".join(found.faults)
    assert "quantities.points asks for 'point', which is no column" in said
    assert "quantities.places: " in said
    assert "values are no numbers, such as 'DE'" in said
    assert "quantities.paid" not in said


def test_a_few_values_that_are_no_numbers_are_to_be_looked_at(tmp_path: Path) -> None:
    lines = LOG.with_columns(
        points=pl.when(pl.int_range(pl.len()) == 5).then(pl.lit("many")).otherwise(pl.lit("3"))
    )
    found = checked(tmp_path, lines, quantities={"points": "points"})
    assert found.faults == ()
    assert [
        note for note in found.notes if "quantities.points: 1 values are no numbers, such as 'many'" in note
    ]
