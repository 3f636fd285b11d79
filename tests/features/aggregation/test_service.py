"""The activity of the service: counted by bucket, added up, and without a look into the future."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.aggregation.service import RETURN_DAYS, service_life, service_part

FIRST = date(2024, 1, 1)
LOGINS = st.dictionaries(
    st.sampled_from("abcd"), st.sets(st.integers(0, 80), min_size=1, max_size=25), min_size=1
)


def user_days(logins: dict[str, set[int]]) -> pl.DataFrame:
    rows = []
    for user, numbers in sorted(logins.items()):
        ordered = sorted(numbers)
        for before, number in zip([None, *ordered], ordered, strict=False):
            gap = 0 if before is None else number - before
            rows.append((user, FIRST + timedelta(days=number), 1, gap))
    schema = {"user_id": pl.String, "day": pl.Date, "logins": pl.Int64, "gap_days": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def life(logins: dict[str, set[int]], last: int = 90) -> pl.DataFrame:
    return service_life([service_part(user_days(logins))], FIRST, FIRST + timedelta(days=last))


@given(LOGINS, st.integers(0, 80))
@settings(max_examples=50, deadline=None)
def test_what_comes_after_a_day_changes_nothing_of_it(logins: dict[str, set[int]], cut: int) -> None:
    known = {user: {number for number in numbers if number <= cut} for user, numbers in logins.items()}
    replayed = life({user: numbers for user, numbers in known.items() if numbers}, cut)
    assert_frame_equal(replayed, life(logins).head(cut + 1), check_exact=True)


@given(LOGINS)
@settings(max_examples=30, deadline=None)
def test_buckets_add_up_to_the_whole(logins: dict[str, set[int]]) -> None:
    parts = [service_part(user_days({user: numbers})) for user, numbers in logins.items()]
    together = service_life(parts, FIRST, FIRST + timedelta(days=90))
    assert_frame_equal(together, life(logins), check_exact=True)


@given(LOGINS, st.sampled_from(RETURN_DAYS))
@settings(max_examples=30, deadline=None)
def test_a_return_is_counted_when_its_time_is_over(logins: dict[str, set[int]], within: int) -> None:
    part = service_part(user_days(logins))
    due = dict.fromkeys(part["day"], 0)
    back = dict(due)
    for numbers in logins.values():
        for number in numbers:
            over = FIRST + timedelta(days=number + within)
            due[over] += 1
            back[over] += any(number < other <= number + within for other in numbers)
    for name, expected in ((f"due_{within}", due), (f"back_{within}", back)):
        counts = dict(part.select("day", pl.col(name).fill_null(0)).iter_rows())
        assert counts == expected


def test_a_quiet_day_shows_against_its_weekday() -> None:
    everyday = {user: set(range(60)) for user in "abcd"}
    quiet = {user: numbers - ({35} if user in "abc" else set()) for user, numbers in everyday.items()}
    shares = life(quiet).filter(pl.col("day") == FIRST + timedelta(days=35))
    assert shares["service_active_to_weekday@external"].item() == pytest.approx(0.25)
    before = life(quiet).filter(pl.col("day") < FIRST + timedelta(days=28))
    assert before["service_active_to_weekday@external"].null_count() == before.height
