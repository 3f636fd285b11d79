"""The same path finds the same value in JSON, in JSON kept as text and in nested columns."""

import json
from typing import Any

import polars as pl
import pytest

from features.contract.paths import Path, path_of
from features.events.nested_values import ABSENT, column_at, paths_in, value_at

ROW: dict[str, Any] = {
    "geo": {"country": "DE", "no.dot": "x"},
    "params": [{"key": "id", "value": {"int": 7}}, {"key": "page", "value": {"int": None}}],
    "items": [{"price": 2.5}, {"price": 3.5}],
}
FOUND = {
    "geo.country": "DE",
    "geo.no.dot": "x",
    "geo[no.dot]": "x",
    "params[id].int": 7,
    "params[page].int": None,
    "items[1].price": 3.5,
}
LACKING = (
    "geo.city",
    "params[other].int",
    "params[id].text",
    "items[2].price",
    "items.price",
    "geo[0]",
    "geo.country.x",
)


def path(name: str) -> Path:
    made = path_of(name)
    assert made is not None
    return made


def in_columns(rows: pl.DataFrame, name: str) -> list[Any] | None:
    """What `column_at` finds, step by step; None when a step leads nowhere."""
    steps, asked = 1, path(name)
    column = rows[asked.keys[0][-1][0]]
    while steps < len(asked.keys):
        inner = column_at(column, asked, steps)
        if inner is None:
            return None
        column, steps = inner
    return column.to_list()


@pytest.mark.parametrize(("name", "value"), FOUND.items())
def test_a_path_finds_its_value(name: str, value: Any) -> None:
    assert value_at(ROW, path(name)) == value
    as_text = {key: json.dumps(one) for key, one in ROW.items()}
    assert value_at(as_text, path(name)) == (value if value is None else str(value))
    assert in_columns(pl.DataFrame([ROW, dict.fromkeys(ROW)]), name) == [value, None]


@pytest.mark.parametrize("name", LACKING)
def test_a_path_that_leads_nowhere_is_absent(name: str) -> None:
    assert value_at(ROW, path(name)) is ABSENT
    assert in_columns(pl.DataFrame([ROW]), name) in (None, [None])


def test_a_key_with_the_whole_name_comes_first() -> None:
    assert value_at({"a.b": 1, "a": {"b": 2}}, path("a.b")) == 1


def test_every_path_that_is_shown_finds_its_value() -> None:
    shown = list(paths_in(ROW))
    assert shown == ["geo.country", "geo[no.dot]", "params[id].int", "params[page].int", "items[0].price"]
    assert [value_at(ROW, path(name)) for name in shown] == ["DE", "x", 7, None, 2.5]
