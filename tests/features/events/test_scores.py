"""Scores are answers from 0 to 10: another scale is refused with its line."""

from typing import Any

import polars as pl
import pytest

from features.contract.parse import parse_contract
from features.errors import ContractError
from features.events.extraction import extract_events, plan_events
from features.events.fields import FILE, LINE


def scores(written: list[str], **changes: Any) -> list[float | None]:
    raw = {
        "format": "csv",
        "columns": {"user_id": "user", "at": "at", "score": "nps"},
        "groups": {"play": ["play"]},
    }
    terms = parse_contract(raw | changes, "game.yaml")
    number = len(written)
    rows = pl.DataFrame(
        {
            "user": ["u1"] * number,
            "at": ["2024-03-01 10:00"] * number,
            "nps": written,
            FILE: ["log.csv"] * number,
            LINE: [n + 2 for n in range(number)],
        }
    )
    return extract_events(plan_events(terms, rows.schema), rows, 0).events["score"].to_list()


def test_scores_from_0_to_10_are_read_and_what_is_no_number_is_none() -> None:
    assert scores(["0", "10", "7.5", "", "n/a"]) == [0.0, 10.0, 7.5, None, None]


@pytest.mark.parametrize("written", ["11", "-1", "85"])
def test_a_score_outside_its_scale_is_refused_with_key_value_and_line(written: str) -> None:
    said = rf"game\.yaml: columns\.score: {written} \(log\.csv:3\) lies outside 0 to 10; values of this chunk"
    with pytest.raises(ContractError, match=said):
        scores(["9", written])


def test_a_scale_may_be_brought_to_ten_and_lines_may_be_left_out() -> None:
    columns = {"user_id": "user", "at": "at"}
    assert scores(["85", "100"], columns=columns, derive={"score": "nps / 10.0"}) == [8.5, 10.0]
    assert scores(["85", "9"], exclude="nps = '85'") == [9.0]
