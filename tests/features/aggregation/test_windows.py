"""Totals by prefix sums equal totals by adding up each window's days one by one."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.aggregation.windows import with_totals
from features.totals import Total, days_with

START = date(2024, 1, 1)
USER_DAYS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.integers(0, 60)),
    st.tuples(st.integers(0, 5), st.none() | st.integers(1, 9)),
    min_size=1,
)
TOTALS = [
    *(Total("x", days) for days in (1, 7, 30)),
    Total("x", "life"),
    Total("x", "since"),
    Total("x", "most"),
    Total(days_with("x"), 7),
    Total(days_with("x"), "life"),
    Total("level", "known"),
]


def frame(user_days: dict[tuple[str, int], tuple[int, int | None]]) -> pl.DataFrame:
    rows = [
        {"user_id": user, "day": START + timedelta(days=offset), "x": x, "level": level}
        for (user, offset), (x, level) in sorted(user_days.items())
    ]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Date, "x": pl.Int64, "level": pl.Int64})


def by_hand(days: pl.DataFrame, row: dict[str, object], total: Total) -> object:
    past = [
        other
        for other in days.to_dicts()
        if other["user_id"] == row["user_id"] and other["day"] <= row["day"]
    ]
    amounts = [int(other["x"] > 0) if total.counts_days else other["x"] for other in past]
    if total.window == "life":
        return sum(amounts)
    if total.window == "most":
        return max(amounts)
    if total.window == "since":
        happened = [other["day"] for other in past if other["x"] > 0]
        return (row["day"] - max(happened)).days if happened else None
    if total.window == "known":
        return next((other["level"] for other in reversed(past) if other["level"] is not None), None)
    inside = [(row["day"] - other["day"]).days < total.days for other in past]
    return sum(amount for amount, counts in zip(amounts, inside, strict=True) if counts)


@given(USER_DAYS)
def test_every_total_equals_the_one_counted_by_hand(
    user_days: dict[tuple[str, int], tuple[int, int | None]],
) -> None:
    days = frame(user_days)
    for row in with_totals(days, TOTALS).to_dicts():
        assert {one: row[one.column] for one in TOTALS} == {one: by_hand(days, row, one) for one in TOTALS}


def test_rows_that_are_not_sorted_are_refused() -> None:
    days = frame({("a", 1): (1, None), ("a", 2): (1, None)}).reverse()
    with pytest.raises(ValueError, match="sorted by user and day"):
        with_totals(days, [Total("x", 7)])


def test_a_day_that_stands_twice_is_refused() -> None:
    days = frame({("a", 1): (1, None)})
    with pytest.raises(ValueError, match="each once"):
        with_totals(pl.concat([days, days]), [Total("x", 7)])
