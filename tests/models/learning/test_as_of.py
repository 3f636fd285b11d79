"""The days of landmark rows follow from the calendar and from counts, and from no outcome."""

from datetime import timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.learning.as_of import as_login_rows, days_between_draws, list_days
from tests.support.rows import day


@pytest.mark.parametrize(
    ("at_risk_days", "login_rows", "every"),
    [
        (600_000, 3_000, 10),  # 60,000 rows are wanted at least
        (600_000, 360_000, 5),  # a third of the logins
        (90_000, 3_000, 2),  # 1.5, rounded
        (59_000, 3_000, 1),  # all there are
        (0, 0, 1),
    ],
)
def test_days_are_drawn_for_a_third_of_the_logins_and_60_000_rows_at_least(
    at_risk_days: int, login_rows: int, every: int
) -> None:
    assert days_between_draws(at_risk_days, login_rows) == every


def test_lists_are_weekly_from_the_day_when_every_listed_user_came_in_the_test_period() -> None:
    days = list_days(day(50), day(100), horizon_days=14, lead_days=3)
    assert days == (day(63), day(70), day(77))  # the outcome of the next, day 84, is known on day 101
    assert list_days(day(50), day(101), 14, 3)[-1] == day(84)


def test_a_short_test_period_has_lists_from_its_first_day_on() -> None:
    assert list_days(day(50), day(76), 14, 0) == (day(50), day(57))
    assert list_days(day(50), day(64), 14, 0) == (day(50),)
    assert list_days(day(50), day(63), 14, 0) == ()


@given(st.integers(0, 60), st.integers(0, 120), st.integers(1, 30), st.integers(0, 10))
def test_every_list_is_ripe_within_the_test_period_and_a_week_after_the_one_before(
    begin: int, end: int, horizon: int, lead: int
) -> None:
    days = list_days(day(begin), day(end), horizon, lead)
    ripe_to = day(end) - timedelta(days=horizon + lead)
    assert all(day(begin) <= one <= ripe_to for one in days)
    assert {later - one for one, later in pairwise(days)} <= {timedelta(days=7)}
    assert bool(days) == (day(begin) <= ripe_to)
    if days:
        assert ripe_to - days[-1] < timedelta(days=7)


def test_as_login_rows_they_are_cut_into_periods_by_their_own_day() -> None:
    landmarks = pl.DataFrame(
        {"user_id": ["ann"], "login_day": [day(3)], "as_of": [day(8)], "churned": [True]}
    )
    assert as_login_rows(landmarks).to_dicts() == [
        {"user_id": "ann", "last_login_day": day(3), "as_of": day(8), "churned": True, "login_day": day(8)}
    ]
