"""A first contract says what the columns of a log mean, why, and what is unsure; the check passes on it."""

import bz2
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from features.contract.model import Contract
from features.contract.parse import parse_contract
from pipeline.config.params import load_params
from pipeline.config.sections import Simulate
from pipeline.errors import InputError
from pipeline.first_contract.check import check_contract
from pipeline.first_contract.draft import draft_of
from pipeline.first_contract.sample import sample_of
from pipeline.log.contract_file import load_contract
from pipeline.stages.simulate import run
from tests.support.paths import ROOT

LINES = [
    (
        f"u{line % 7}",
        f"2024-03-{1 + line // 20:02d} {line % 20:02d}:15:00",
        ("visit", "purchase", "refund_paid")[line % 3],
        1.25 * line,
    )
    for line in range(200)
]


def first_contract(log: Path, folder: Path) -> tuple[Contract, str]:
    """The first contract of `log`, on which the check passes, and its text."""
    text = draft_of(sample_of(str(log)))
    file = folder / "first.yaml"
    file.write_text(text, "utf-8")
    assert check_contract(file, str(log)).faults == ()
    return parse_contract(yaml.safe_load(text), "first.yaml"), text


def as_csv(separator: str, decimal: str) -> str:
    rows = (
        separator.join((who, at, what, f"{paid:.2f}".replace(".", decimal))) for who, at, what, paid in LINES
    )
    return "\n".join([separator.join(("Kunden-Nr", "Zeitpunkt", "event", "Betrag")), *rows]) + "\n"


PACKED: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("ending", ["csv", "gz", "bz2", "xz", "zip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_csv_of_another_country_needs_no_second_run(tmp_path: Path, ending: str, encoding: str) -> None:
    log, data = tmp_path / f"log.{ending}", as_csv(";", ",").encode(encoding)
    if ending == "zip":
        with zipfile.ZipFile(log, "w") as archive:
            archive.writestr("log.csv", data)
    else:
        log.write_bytes(PACKED.get(ending, bytes)(data))
    contract, text = first_contract(log, tmp_path)
    assert (contract.csv.separator, contract.csv.encoding, contract.numbers.decimal) == (";", encoding, ",")
    named = {name: column for name, column in contract.columns.model_dump().items() if column is not None}
    assert named == {"user_id": "Kunden-Nr", "at": "Zeitpunkt", "kind": "event", "amount": "Betrag"}
    assert contract.groups == {"access": ("visit",), "trade": ("purchase",), "support": ("refund_paid",)}
    assert contract.meaning.refund == ("refund_paid",)
    assert "- visit    # 67\n" in text
    assert "currency: {fixed: USD, reporting: USD}    # unsure: nothing in the log says it" in text


def test_an_export_in_json_is_named_by_paths(tmp_path: Path) -> None:
    rows = [
        {
            "event": what,
            "properties": {"distinct_id": who, "time": 1_709_283_600 + 60 * line, "$insert_id": f"i{line}"},
            "items": [{"revenue": str(paid), "currency": "EUR"}],
        }
        for line, (who, _, what, paid) in enumerate(LINES)
    ]
    log = tmp_path / "log.json"
    log.write_text(json.dumps(rows))
    contract, _ = first_contract(log, tmp_path)
    assert contract.columns.model_dump(exclude_none=True) == {
        "user_id": "properties.distinct_id", "at": "properties.time", "kind": "event",
        "event_id": "properties.$insert_id", "amount": "items[0].revenue", "currency": "items[0].currency",
    }  # fmt: skip
    assert (contract.time.format, contract.duplicates, contract.currency.reporting) == (
        "epoch_s",
        "event_id",
        "EUR",
    )


def test_a_folder_of_parquet_by_day_is_one_log(tmp_path: Path) -> None:
    for day in (1, 2):
        rows = pl.DataFrame({"member_id": [1, 2, 1, 3], "kind": ["open"] * 4, "geo": [{"country": "DE"}] * 4})
        folder = tmp_path / "log" / f"dt=2024-03-0{day}"
        folder.mkdir(parents=True)
        rows.write_parquet(folder / "part.parquet")
    contract, _ = first_contract(tmp_path / "log", tmp_path)
    assert contract.columns.model_dump(exclude_none=True) == {
        "user_id": "member_id", "at": "dt", "kind": "kind", "country": "geo.country",
    }  # fmt: skip


def test_quantity_and_price_make_the_amount_and_a_negative_quantity_a_refund(tmp_path: Path) -> None:
    rows = [(who, at, -1 if line % 9 == 0 else 2, paid) for line, (who, at, _, paid) in enumerate(LINES)]
    log = tmp_path / "log.csv"
    pl.DataFrame(rows, ["CustomerID", "InvoiceDate", "Quantity", "UnitPrice"], orient="row").write_csv(log)
    contract, _ = first_contract(log, tmp_path)
    assert contract.derive == {
        "kind": "CASE WHEN Quantity < 0 THEN 'refund' ELSE 'purchase' END",
        "amount": "Quantity * UnitPrice",
    }
    assert contract.meaning.refund == ("refund",)


def test_copies_and_ids_that_name_nobody_are_said(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = [("guest" if line % 5 == 0 else who, at) for line, (who, at, _, _) in enumerate(LINES)]
    pl.DataFrame(rows + rows[:20], ["user", "at"], orient="row").write_csv(log)
    contract, text = first_contract(log, tmp_path)
    assert contract.duplicates == "whole_line"
    assert "these ids name nobody, which is known without being said: 'guest' (44 lines)" in text


def test_lines_of_visitors_without_a_user_get_the_key_that_links_them(tmp_path: Path) -> None:
    rows = [(None if line % 4 == 0 else who, f"d{who}", at) for line, (who, at, _, _) in enumerate(LINES)]
    pl.DataFrame(rows, ["user_id", "deviceId", "at"], orient="row").write_csv(tmp_path / "log.csv")
    _, text = first_contract(tmp_path / "log.csv", tmp_path)
    assert "# identity: {from: deviceId, to: user_id}" in text


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"user": ["a", "b"], "tenure": [3, 4]}, "no column holds times.*\n.*user, tenure"),
        ({"at": ["2024-03-01", "2024-03-02"], "sum": [1.5, 2.5]}, "no column can be the user's id"),
    ],
)
def test_a_table_that_is_no_log_is_refused_with_its_columns(
    tmp_path: Path, columns: dict[str, Any], said: str
) -> None:
    pl.DataFrame(columns).write_csv(tmp_path / "log.csv")
    with pytest.raises(InputError, match=said):
        draft_of(sample_of(str(tmp_path / "log.csv")))


def test_the_demo_has_its_columns_and_kinds(tmp_path: Path) -> None:
    label = load_params(ROOT / "params.yaml").label
    run(Simulate(users=60, days=40, seed=7), label, tmp_path / "demo")
    contract, _ = first_contract(tmp_path / "demo/events.parquet", tmp_path)
    ours = load_contract(ROOT / "data/contracts/demo.yaml")
    assert contract.columns == ours.columns
    assert contract.duplicates == ours.duplicates
    assert (contract.meaning.goal, contract.meaning.answer) == (ours.meaning.goal, ours.meaning.answer)
    assert contract.presence.kinds is not None
    assert "gift_sent" in contract.presence.kinds
    assert not {"ticket_answered", "debug_ping"} & set(contract.presence.kinds)


def test_numbers_that_no_key_uses_are_proposed_as_quantities(tmp_path: Path) -> None:
    """Ids, codes, years, flags and numbers of lines are none."""
    rows = [
        f"{who},{at},{what},{line % 50},{line * 7 % 13}.5,{90000 + line},{line % 2},{1990 + line % 9},0{line % 60:04d}"
        for line, (who, at, what, _) in enumerate(LINES)
    ]
    header = "user_id,at,event,sum_click,secs watched,number,flag,birth_year,plz"
    (tmp_path / "clicks.csv").write_text("\n".join([header, *rows]) + "\n")
    contract, text = first_contract(tmp_path / "clicks.csv", tmp_path)
    assert {name: one.column for name, one in contract.quantities.items()} == {
        "sum_click": "sum_click",
        "secs_watched": "secs watched",
    }
    assert "sum_click: sum_click    # unsure: its values are numbers from 0 to 49" in text


def test_a_kind_whose_column_has_no_telling_name_is_found_by_its_values(tmp_path: Path) -> None:
    """A text that a user has only one of, such as a tariff, is no kind; nor is a currency."""
    rows = [
        f"{who};{at};{('Besuch', 'Kauf', 'Storno')[line % 3]};Tarif {who[-1]};{('EUR', 'USD')[line % 2]}"
        for line, (who, at, _, _) in enumerate(LINES)
    ]
    (tmp_path / "log.csv").write_text("\n".join(["Kundennr;Datum;Vorgang;Tarif;Geld", *rows]) + "\n")
    contract, text = first_contract(tmp_path / "log.csv", tmp_path)
    assert contract.columns.kind == "Vorgang"
    assert set(contract.kind_groups) == {"Besuch", "Kauf", "Storno"}
    assert "unsure: 3 texts, of which a user has several" in text
