"""The section `quantities`: short and long forms, and what is refused with key and remedy."""

from typing import Any

import pytest

from features.errors import ContractError
from tests.support.tables import contract


def test_a_column_alone_may_stand_for_a_quantity() -> None:
    terms = contract(quantities={"clicks": "sum_click", "minutes": {"sql": "seconds / 60", "worse": "high"}})
    assert terms.quantities["clicks"].column == "sum_click"
    assert terms.quantities["clicks"].form == "net"
    assert {"sum_click", "seconds"} <= terms.raw_columns.keys()
    assert {"quantity_clicks", "quantity_minutes"} <= terms.tells


@pytest.mark.parametrize(
    ("quantities", "says"),
    [
        ({"Clicks": "c"}, r"quantities\.Clicks cannot be named so\.\nBegin with a small letter"),
        ({"a@7d": "c"}, r"quantities\.a@7d cannot be named so"),
        (
            {"clicks": {"form": "total"}},
            r"quantities\.clicks has neither column nor sql\.\nGive the raw column",
        ),
        ({"clicks": {"column": "c", "sql": "c + 1"}}, r"quantities\.clicks has both column and sql"),
        ({"clicks": {"sql": "c +"}}, r"quantities\.clicks\.sql = 'c \+' is not an SQL expression"),
        ({"clicks": {"column": "c", "form": "sum"}}, r"quantities\.clicks\.form = 'sum' is not allowed"),
        ({"clicks": {"columns": "c"}}, r"unknown key quantities\.clicks\.columns"),
        ({"clicks": 7}, r"quantities\.clicks = 7 is not allowed"),
        ({f"q{n}": "c" for n in range(25)}, r"quantities names 25, and a log has 24 at most"),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(quantities: dict[str, Any], says: str) -> None:
    with pytest.raises(ContractError, match=says):
        contract(quantities=quantities)


def test_all_that_is_wrong_with_quantities_is_said_at_once() -> None:
    with pytest.raises(ContractError) as refused:
        contract(quantities={"Clicks": "c", "points": {"form": "total"}})
    assert "quantities.Clicks" in str(refused.value)
    assert "quantities.points" in str(refused.value)
