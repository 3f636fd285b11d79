"""A table that lacks a column, or has one of another type, is refused with file, column, found and expected."""

from pathlib import Path

import polars as pl
import pytest

from features.contract.columns import Columns
from features.contract.parse import parse_contract
from features.events.extraction import event_schema
from pipeline.errors import InputError
from pipeline.storage.datasets import EVENTS
from pipeline.storage.schema import Schema

SCHEMA = Schema(
    {"user_id": pl.String(), "day": pl.Date()}, optional={"amount": pl.Float64()}, others=(pl.Int64(),)
)
FILE = Path("data/activity/part.parquet")
GOOD = {"user_id": pl.String(), "day": pl.Date()}


@pytest.mark.parametrize("more", [{}, {"amount": pl.Float64()}, {"orders": pl.Int64()}])
def test_what_is_required_or_allowed_passes(more: dict[str, pl.DataType]) -> None:
    SCHEMA.check(GOOD | more, FILE, "activity")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"user_id": pl.String()}, "column 'day' is missing; expected Date, found user_id"),
        (GOOD | {"day": pl.String()}, "column 'day' is String, expected Date"),
        (GOOD | {"amount": pl.Int64()}, "column 'amount' is Int64, expected Float64"),
        (GOOD | {"orders": pl.String()}, "column 'orders' is String, expected Int64"),
    ],
)
def test_a_wrong_column_is_named_with_what_to_do(columns: dict[str, pl.DataType], message: str) -> None:
    with pytest.raises(InputError) as refused:
        SCHEMA.check(columns, FILE, "activity")
    assert str(refused.value) == f"{FILE}: {message}.\nMake it again: dvc repro activity"


def test_without_others_a_further_column_is_refused_and_with_null_any_passes() -> None:
    closed, wide = Schema(GOOD), Schema(GOOD, others=None)
    wide.check(GOOD | {"orders": pl.Binary()}, FILE, "activity")
    with pytest.raises(InputError, match=r"column 'orders' is unknown; expected user_id, day"):
        closed.check(GOOD | {"orders": pl.Int64()}, FILE, "activity")


def test_an_empty_table_has_the_required_columns() -> None:
    assert SCHEMA.empty().schema == GOOD


def test_events_may_have_whatever_a_contract_can_name() -> None:
    columns = {name: name for name in Columns.model_fields if name not in ("plan_days", "timezone")}
    raw = {
        "format": "csv",
        "columns": columns,
        "currency": {"reporting": "EUR"},
        "groups": {"all": ["event"]},
    }
    assert EVENTS.schema is not None
    EVENTS.schema.check(event_schema(parse_contract(raw, "log.yaml")), FILE, "ingest")
