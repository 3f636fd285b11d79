"""Which days the list model is trained and judged on, and its rows in the shape of login rows.

Promise: days are chosen before logins are looked at, so no outcome decides which rows there are.
"""

from datetime import date, timedelta

import polars as pl

_LEAST_ROWS = 60_000
_LIST_EVERY = timedelta(days=7)


def days_between_draws(at_risk_days: int, login_rows: int) -> int:
    """One of how many days is drawn for each user, so that a third of `login_rows`, at least 60,000 rows, result.

    `at_risk_days`: days on which a user's silence is shorter than the horizon. Rows of one absence resemble each
    other, so more of them cost time and bring little.
    """
    return max(1, round(at_risk_days / max(_LEAST_ROWS, login_rows / 3)))


def list_days(test_from: date, log_end: date, horizon_days: int, lead_days: int) -> tuple[date, ...]:
    """The days of the lists in the test period: every seventh day whose outcome is known at `log_end`.

    The first is the day on which every listed user has logged in since `test_from`. A test period that is too short
    for that has lists from `test_from` on. They are later than the training data all the same.
    """
    last = log_end - timedelta(days=horizon_days + lead_days)
    first = test_from + timedelta(days=horizon_days - 1)
    if first > last:
        first = test_from
    count = max(0, (last - first) // _LIST_EVERY + 1)
    return tuple(first + number * _LIST_EVERY for number in range(count))


def as_login_rows(landmarks: pl.DataFrame) -> pl.DataFrame:
    """Landmark rows in the shape of login rows: `login_day` is their `as_of`, by which periods are cut."""
    return landmarks.rename({"login_day": "last_login_day"}).with_columns(login_day="as_of")
