"""A total that is written and read again is equal."""

from typing import get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.define import before, days_with, external, last_known, life, past, ratio, since, today
from features.totals import Total, Which, look_back_days, totals_of

MEASURES = st.from_regex(r"[a-z][a-z_.]*\+?", fullmatch=True)
WINDOWS = st.integers(1, 4000) | st.sampled_from(get_args(Which))


@given(MEASURES, WINDOWS)
def test_what_is_written_is_read_as_the_same(measure: str, window: int | Which) -> None:
    assert Total.parse(Total(measure, window).column) == Total(measure, window)


@pytest.mark.parametrize("column", ["x@7", "x@7days", "x@0d", "x@07d", "x@", "x@day", "x@lives"])
def test_a_name_of_no_total_is_none(column: str) -> None:
    assert Total.parse(column) is None


def test_a_total_says_over_how_many_days_it_looks_back_and_what_it_is_made_of() -> None:
    assert [one.days for one in (Total("x+", 30), Total("x", "life"), Total("x", "day"))] == [30, 0, 0]
    assert [one.source for one in (Total("orders+", 30), Total("orders", "life"))] == ["orders", "orders"]
    assert (Total("orders+", 30).counts_days, Total("orders", 30).counts_days) == (True, False)


def test_an_attribute_may_have_any_name() -> None:
    (total,) = totals_of(external("user.e@mail"))
    assert total == Total("user.e@mail", "external")


def test_an_expression_says_what_it_is_made_of_and_how_far_it_looks_back() -> None:
    value = ratio(past(days_with("orders"), 30), life("logins")) + last_known("level")
    assert set(totals_of(value)) == {Total("orders+", 30), Total("logins", "life"), Total("level", "known")}
    assert look_back_days([value, before("events", 45)]) == 90
    assert look_back_days([today("events"), since("events"), pl.col("events@7")]) == 0
    assert look_back_days([]) == 0
