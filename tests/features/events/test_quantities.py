"""Numbers of events: read as they are written, refused where the form forbids them, and counted where unreadable."""

from typing import Any

import polars as pl
import pytest

from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.errors import ContractError
from features.events.extraction import Extracted, extract_events, plan_events
from features.events.fields import FILE, LINE
from features.events.quantities import QuantityCount, refuse_unreadable
from features.events.received import OWN, received_events
from features.names import quantity_column

POINTS = quantity_column("points")


def of(quantities: dict[str, Any], **changes: Any) -> Contract:
    raw = {
        "format": "csv",
        "columns": {"user_id": "user", "at": "at"},
        "groups": {"play": ["play"]},
        "quantities": quantities,
    }
    return parse_contract(raw | changes, "game.yaml")


def read(contract: Contract, **columns: list[Any]) -> Extracted:
    number = len(next(iter(columns.values())))
    raw = pl.DataFrame(
        {
            "user": [f"u{n}" for n in range(number)],
            "at": ["2024-03-01 10:00"] * number,
            **columns,
            FILE: ["log.csv"] * number,
            LINE: [n + 2 for n in range(number)],
        }
    )
    return extract_events(plan_events(contract, raw.schema), raw, 0)


def test_values_are_numbers_as_the_contract_writes_them() -> None:
    found = read(of({"points": "score"}, numbers={"decimal": ","}), score=["1,5", "-2", "", None])
    assert found.events[POINTS].to_list() == [1.5, -2.0, None, None]
    assert found.quantities == {"points": QuantityCount(2, 0)}


def test_sql_derives_a_quantity_from_the_line_alone() -> None:
    assert read(of({"points": {"sql": "secs / 60"}}), secs=["90", "x"]).events[POINTS].to_list() == [
        1.5,
        None,
    ]
    with pytest.raises(
        ContractError, match=r"quantities\.points\.sql = 'SUM\(secs\)' looks at more than one row"
    ):
        read(of({"points": {"sql": "SUM(secs)"}}), secs=["90", "30"])


def test_a_value_that_is_no_number_is_missing_and_counted_with_its_place() -> None:
    found = read(of({"points": "score"}), score=["7", "many", "1e13", "n/a"])
    assert found.events[POINTS].to_list() == [7.0, None, None, None]
    assert found.quantities == {"points": QuantityCount(4, 3, "'many' (log.csv:3)")}
    assert (
        read(of({"points": "score"}, null_values=["n/a"]), score=["7", "n/a"]).quantities["points"].given == 1
    )


def test_a_quantity_without_numbers_is_refused_with_key_row_and_value() -> None:
    counts = read(of({"points": "score"}), score=["gold", "silver"]).quantities
    says = r"quantities\.points: none of 2 values is a number; the first is 'gold' \(log\.csv:2\)\.\nName a column"
    with pytest.raises(ContractError, match=says):
        refuse_unreadable("game.yaml", counts)
    refuse_unreadable("game.yaml", {"points": QuantityCount()})


def test_a_total_below_zero_is_refused_with_key_row_and_value() -> None:
    says = r"quantities\.points: '-3' \(log\.csv:3\) is below 0, and its form is total\.\nWrite form: net"
    with pytest.raises(ContractError, match=says):
        read(of({"points": {"column": "score", "form": "total"}}), score=["5", "-3"])
    for form in ("net", "level"):
        found = read(of({"points": {"column": "score", "form": form}}), score=["5", "-3"])
        assert found.events[POINTS].to_list() == [5.0, -3.0]


def test_a_line_that_nobody_did_may_have_any_value() -> None:
    terms = of({"points": {"column": "score", "form": "total"}}, exclude="score = '-3'")
    assert read(terms, score=["5", "-3"]).events[POINTS].to_list() == [5.0]


def test_lists_and_texts_of_times_are_no_quantities() -> None:
    with pytest.raises(ContractError, match=r"quantities\.points asks for 'score', which holds List"):
        read(of({"points": "score"}), score=[[1, 2]])
    with pytest.raises(ContractError, match=r"quantities\.points asks for 'score', which is no column"):
        read(of({"points": "score"}), points=["1"])


def test_a_quantity_is_the_sender_s_own() -> None:
    events = pl.DataFrame(
        {"user_id": ["ann"], "counterpart": ["bob"], "kind": ["gift"], POINTS: [5.0], "role": [OWN]}
    )
    assert POINTS not in received_events(events).columns
