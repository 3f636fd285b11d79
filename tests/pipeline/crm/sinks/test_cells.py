"""A tool that reads its file by its own documentation gets the values of the list."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.crm.crm_list import COLUMNS
from pipeline.crm.sinks.cells import cells_of
from pipeline.crm.sinks.profile import CHURN_PERCENT, PROFILE_NAMES, PROFILES
from pipeline.crm.sinks.profile_files import write_cells
from tests.support.crm_tools import braze_rows, rows_of, typed

SCHEMA = {
    "user_id": pl.String, "as_of": pl.Date, "churn_probability": pl.Float64, "risk_band": pl.String, "rank": pl.Int64,
    "action": pl.String, "episode": pl.Date, "play": pl.String, "next_step": pl.String, "duty": pl.Boolean,
    "value_at_risk": pl.Float64, "reason_1_text": pl.String, "email": pl.String,
}  # fmt: skip
SAYABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters='"'), max_size=12
)
TEXTS = st.builds("{}{}".format, st.sampled_from(["a, ", "'s; ", "Ü", "long " * 20]), SAYABLE).map(str.rstrip)
"""Texts that every tool can hold, and that are no formula."""
IDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters='"'),
    min_size=1,
    max_size=8,
)


@st.composite
def lists(draw: st.DrawFn) -> pl.DataFrame:
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    days, numbers = st.dates(date(1999, 1, 1), date(2100, 1, 1)), st.floats(-1e9, 1e9)
    rows = [
        {
            "user_id": user, "as_of": date(2024, 3, 1), "churn_probability": draw(st.floats(0, 1)),
            "risk_band": "high", "rank": rank, "action": "contact", "episode": draw(st.none() | days),
            "play": draw(st.none() | TEXTS), "next_step": draw(st.none() | TEXTS), "duty": draw(st.booleans()),
            "value_at_risk": draw(st.none() | numbers), "reason_1_text": draw(st.none() | TEXTS),
            "email": f"{rank}@example.org",
        }
        for rank, user in enumerate(ids)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA)


def written(listed: pl.DataFrame, name: str, folder: Path, *, plain_ids: bool = True) -> list[Path]:
    cells = cells_of(listed, ("email",), PROFILES[name], plain_ids=plain_ids)
    return [folder / file for file in write_cells(cells, PROFILES[name], folder)]


def same(read: Any, value: Any) -> bool:
    if isinstance(value, float):
        return math.isclose(float(read), value, rel_tol=1e-12, abs_tol=1e-6)
    return bool(read == value)


@settings(max_examples=25)
@given(lists())
def test_braze_reads_the_values_of_the_list(listed: pl.DataFrame) -> None:
    with TemporaryDirectory() as folder:
        (file,) = written(listed, "braze", Path(folder))
        read = braze_rows(file)
    assert len(read) == listed.height
    for row, user in zip(read, listed.iter_rows(named=True), strict=True):
        assert row.pop("external_id") == user["user_id"]
        assert abs(float(row.pop(CHURN_PERCENT) or 0) - 100 * user["churn_probability"]) <= 0.5  # type: ignore[arg-type]
        assert row == {name: user[name] for name in row}
        assert {"risk_band", "play", "duty", "episode", "email"} <= set(row)


@pytest.mark.parametrize(
    ("name", "key", "null"), [("salesforce", "user_id__c", "#N/A"), ("hubspot", "email", "")]
)
@settings(max_examples=25)
@given(lists())
def test_salesforce_and_hubspot_read_the_values_of_the_list(
    name: str, key: str, null: str, listed: pl.DataFrame
) -> None:
    with TemporaryDirectory() as folder:
        (file,) = written(listed, name, Path(folder))
        read = rows_of(file)
    suffix = PROFILES[name].suffix
    for row, user in zip(read, listed.iter_rows(named=True), strict=True):
        assert row[key] == user["email" if key == "email" else "user_id"]
        for column, value in user.items():
            cell = row[column if column == "email" else column + suffix]
            assert (
                cell == null
                if value is None
                else same(typed(cell) if not isinstance(value, str) else cell, value)
            )


@settings(max_examples=25)
@given(lists())
def test_a_spreadsheet_reads_the_values_of_the_list(listed: pl.DataFrame) -> None:
    with TemporaryDirectory() as folder:
        (file,) = written(listed, "spreadsheet", Path(folder))
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")
        read = rows_of(file)
    assert list(read[0])[:4] == ["user_id", "reason_1_text", "next_step", "as_of"]
    for row, user in zip(read, listed.iter_rows(named=True), strict=True):
        for column, value in user.items():
            cell = row[column]
            assert (
                cell == ""
                if value is None
                else same(typed(cell) if not isinstance(value, str) else cell, value)
            )


def one(**values: Any) -> pl.DataFrame:
    row = dict.fromkeys(SCHEMA) | {"user_id": "u1", "churn_probability": 0.5} | values
    return pl.DataFrame([row], schema=SCHEMA)


def test_what_a_tool_cannot_hold_is_made_to_fit(tmp_path: Path) -> None:
    listed = one(play='say "hello"\nnow', next_step="x" * 300, reason_1_text="=1+1", churn_probability=0.004)
    (file,) = written(listed, "braze", tmp_path)
    (read,) = braze_rows(file)
    assert (read["play"], read["next_step"], read[CHURN_PERCENT]) == ("say 'hello' now", "x" * 254 + "…", 0)
    (file,) = written(listed, "salesforce", tmp_path)
    (row,) = rows_of(file)
    assert (row["play__c"], row["next_step__c"][250:]) == ('say "hello"\nnow', "xxxx…")
    assert row["reason_1_text__c"] == "'=1+1"


@pytest.mark.parametrize("name", PROFILE_NAMES)
@pytest.mark.parametrize("plain_ids", [True, False])
def test_ids_join_in_files_for_tools_and_where_they_are_asked_for(
    name: str, tmp_path: Path, *, plain_ids: bool
) -> None:
    for_people = name in {"plain", "spreadsheet"}
    (file,) = written(
        one(user_id="-Mx1", email="+491511234", next_step="+49 and more"), name, tmp_path, plain_ids=plain_ids
    )
    (row,) = rows_of(file)
    cells = list(row.values())
    assert ("'-Mx1" if for_people and not plain_ids else "-Mx1") in cells
    assert ("'+491511234" if for_people else "+491511234") in cells
    assert "'+49 and more" in cells


def test_a_carried_id_takes_the_place_of_the_user_id_and_stands_there_once() -> None:
    listed = pl.concat(
        [one(user_id=user, email=mail) for user, mail in (("a", "x@y"), ("b", None), ("c", "x@y"))]
    )
    listed = listed.rename({"email": "external_id"})
    cells = cells_of(listed, ("external_id",), PROFILES["braze"], plain_ids=False)
    assert (cells.key, cells.table["external_id"].to_list()) == ("external_id", ["x@y"])
    assert cells_of(listed, ("external_id",), PROFILES["plain"], plain_ids=False).key == "user_id"


@pytest.mark.parametrize("limit", [{"most_rows": 2}, {"most_bytes": 120}, {"most_bytes": 1}])
def test_a_long_list_has_several_files_within_the_limit(limit: dict[str, int], tmp_path: Path) -> None:
    profile = replace(PROFILES["hubspot"], columns=("risk_band", "play"), **limit)
    listed = pl.concat([one(user_id=f"u{number}", play='"' * number) for number in range(5)])
    names = write_cells(cells_of(listed, (), profile, plain_ids=False), profile, tmp_path)
    files = [tmp_path / name for name in names]
    assert names == [f"list-{number}.csv" for number in range(1, len(names) + 1)]
    assert len(names) > 1
    assert [row["user_id"] for file in files for row in rows_of(file)] == [
        f"u{number}" for number in range(5)
    ]
    for file in files:
        assert len(rows_of(file)) <= limit.get("most_rows", 5)
        assert file.stat().st_size <= limit.get("most_bytes", 10_000) or len(rows_of(file)) == 1


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_an_empty_list_has_one_file_with_a_header(name: str, tmp_path: Path) -> None:
    (file,) = written(pl.DataFrame(schema=SCHEMA), name, tmp_path)
    assert (rows_of(file), len(file.read_text("utf-8").splitlines())) == ([], 1)


def test_the_headers_are_names_that_the_tools_allow() -> None:
    listed = pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String) | {"churn_probability": pl.Float64})
    fields = cells_of(listed, (), PROFILES["salesforce"], plain_ids=False).table.columns
    assert len(fields) <= 90
    assert all(len(name) <= 40 and "__" not in name.removesuffix("__c") for name in fields)
    assert set(PROFILES["braze"].columns or ()) <= {*COLUMNS, CHURN_PERCENT}
    assert set(PROFILES["spreadsheet"].first) <= set(COLUMNS)
