"""Totals by prefix sums equal totals by looking at each window's days one by one."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.aggregation.windows import measure_of, window_days, with_totals

START = date(2024, 1, 1)
USER_DAYS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.integers(0, 60)),
    st.tuples(st.integers(0, 5), st.none() | st.integers(1, 9)),
    min_size=1,
)
TOTALS = ["x@1d", "x@7d", "x@30d", "x@life", "x@since", "x@most", "x+@7d", "x+@life", "level@known"]


def frame(user_days: dict[tuple[str, int], tuple[int, int | None]]) -> pl.DataFrame:
    rows = [
        {"user_id": user, "day": START + timedelta(days=offset), "x": x, "level": level}
        for (user, offset), (x, level) in sorted(user_days.items())
    ]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Date, "x": pl.Int64, "level": pl.Int64})


def by_hand(days: pl.DataFrame, row: dict[str, object], total: str) -> object:
    own = [
        other
        for other in days.to_dicts()
        if other["user_id"] == row["user_id"] and other["day"] <= row["day"]
    ]
    name, _, which = total.partition("@")
    amounts = [int(other["x"] > 0) if name.endswith("+") else other["x"] for other in own]
    if which == "life":
        return sum(amounts)
    if which == "most":
        return max(amounts)
    if which == "since":
        happened = [other["day"] for other in own if other["x"] > 0]
        return (row["day"] - max(happened)).days if happened else None
    if which == "known":
        return next((other["level"] for other in reversed(own) if other["level"] is not None), None)
    length = int(which.removesuffix("d"))
    inside = [(row["day"] - other["day"]).days < length for other in own]
    return sum(amount for amount, counts in zip(amounts, inside, strict=True) if counts)


@given(USER_DAYS)
def test_every_total_equals_the_one_counted_by_hand(
    user_days: dict[tuple[str, int], tuple[int, int | None]],
) -> None:
    days = frame(user_days)
    for row in with_totals(days, TOTALS).to_dicts():
        assert {name: row[name] for name in TOTALS} == {name: by_hand(days, row, name) for name in TOTALS}


def test_rows_that_are_not_sorted_are_refused() -> None:
    days = frame({("a", 1): (1, None), ("a", 2): (1, None)}).reverse()
    with pytest.raises(ValueError, match="sorted by user and day"):
        with_totals(days, ["x@7d"])


def test_a_day_that_stands_twice_is_refused() -> None:
    days = frame({("a", 1): (1, None)})
    with pytest.raises(ValueError, match="each once"):
        with_totals(pl.concat([days, days]), ["x@7d"])


def test_a_total_says_over_how_many_days_it_looks_back() -> None:
    assert [window_days(name) for name in ("x+@30d", "x@life", "x", "x@7")] == [30, 0, 0, 0]


def test_a_total_is_made_of_its_measure() -> None:
    assert [measure_of(name) for name in ("orders+@30d", "x@life", "level@known", "x")] == [
        "orders",
        "x",
        "level",
        "x",
    ]
