"""A dated value is the last published one, and counts only from its date on."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.external.as_of import as_of_join

FIRST = date(2024, 1, 1)
DAYS = st.integers(0, 5)
ROWS = st.lists(
    st.tuples(DAYS, DAYS, st.sampled_from("ab"), st.none() | st.integers(0, 99)),
    max_size=15,
    unique_by=lambda row: row[:3],
)
SCHEMA = {
    "date": pl.Date, "known_at": pl.Datetime("us", "UTC"), "known_day": pl.Date, "key": pl.String, "value": pl.Int64,
}  # fmt: skip


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


def published(rows: list[tuple[int, int, str, int | None]]) -> pl.DataFrame:
    """Rows of date, day on which it was known, key and value."""
    known = [datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(days=row[1]) for row in rows]
    records = [(on(row[0]), at, on(row[1]), *row[2:]) for row, at in zip(rows, known, strict=True)]
    return pl.DataFrame(records, schema=SCHEMA, orient="row")


def value_on(
    rows: list[tuple[int, int, str, int | None]], day: int, age: int = 5, key: str = "a"
) -> int | None:
    wanted = pl.DataFrame({"day": [on(day)], "key": [key]})
    value: int | None = as_of_join(wanted, published(rows), ("key",), "value", age)["value"].item()
    return value


@given(ROWS, DAYS, st.integers(0, 6))
@settings(max_examples=200, deadline=None)
def test_it_is_the_latest_date_up_to_the_day_as_last_published_by_its_end(
    rows: list[tuple[int, int, str, int | None]], day: int, age: int
) -> None:
    known = [row for row in rows if row[0] <= day and row[1] <= day and row[2] == "a" and row[3] is not None]
    expected = max(known, default=None)
    expected_value = None if expected is None or expected[0] < day - age else expected[3]
    assert value_on(rows, day, age) == expected_value


@given(ROWS, DAYS)
@settings(deadline=None)
def test_what_is_published_later_changes_nothing_before(
    rows: list[tuple[int, int, str, int | None]], day: int
) -> None:
    assert value_on([row for row in rows if row[1] <= day], day) == value_on(rows, day)


def test_a_revision_counts_from_when_it_was_known() -> None:
    rows = [(1, 1, "a", 10), (1, 4, "a", 11)]
    assert [value_on(rows, day) for day in (0, 1, 3, 4)] == [None, 10, 10, 11]


def test_a_late_notice_of_an_older_date_adds_nothing() -> None:
    assert value_on([(3, 3, "a", 10), (2, 4, "a", 9)], 4) == 10


def test_a_value_dated_ahead_counts_from_its_own_date_on() -> None:
    assert [value_on([(1, 1, "a", 10), (3, 1, "a", 12)], day) for day in (2, 3)] == [10, 12]


def test_of_several_forecasts_of_a_date_the_last_one_counts() -> None:
    assert value_on([(5, 2, "a", 12), (5, 1, "a", 11)], 5) == 12


def test_a_value_that_is_too_old_is_none() -> None:
    assert [value_on([(1, 1, "a", 10)], day, age=2) for day in (3, 4)] == [10, None]


def test_a_row_without_a_value_publishes_none_and_keys_are_apart() -> None:
    assert value_on([(1, 1, "a", 10), (2, 2, "a", None), (2, 2, "b", 7)], 3) == 10


def test_without_keys_the_table_is_everybody_s() -> None:
    wanted = pl.DataFrame({"day": [on(2), on(0)]})
    joined = as_of_join(wanted, published([(1, 1, "a", 10)]), (), "value", 5)
    assert joined.rows() == [(on(0), None), (on(2), 10)]
