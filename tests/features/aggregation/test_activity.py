"""User-days: the day of an event, and the conditions of a login day."""

from datetime import date

import polars as pl
import pytest

from features.aggregation.activity import activity
from tests.support.tables import contract, drawn, rate_table

TABLE = """
user date       time  kind     amount currency counterpart session level score country
ann  2024-03-01 08:00 login    -      -        -           -       -     -     -
ann  2024-03-02 01:00 quest    -      -        -           -       2     -     -
ann  2024-03-02 23:30 ticket   -      -        -           -       -     -     -
ann  2024-03-03 12:00 purchase 5.00   XXX      -           -       -     -     -
"""


def days_of(table: str, end: date = date(2024, 3, 31), **changes: object) -> pl.DataFrame:
    terms = contract(**changes)
    return activity(drawn(table), terms, terms.tells, date(2024, 3, 1), end, rate_table(), "EUR", 10).days


def test_a_day_begins_where_the_contract_says() -> None:
    late = days_of(TABLE, time={"timezone": "Europe/Berlin", "day_starts_at": "04:00"})
    assert late.select("day", "events").rows() == [
        (date(2024, 3, 1), 2),
        (date(2024, 3, 2), 1),
        (date(2024, 3, 3), 1),
    ]


def test_the_clock_is_that_of_the_wall_also_on_the_day_it_is_moved() -> None:
    """Berlin, 31 March 2024: 10:00 on the wall is 08:00 UTC, nine hours after midnight."""
    moved = days_of(TABLE.replace("2024-03-01 08:00", "2024-03-31 08:00"), time={"timezone": "Europe/Berlin"})
    plain = days_of(TABLE.replace("2024-03-01 08:00", "2024-03-30 09:00"), time={"timezone": "Europe/Berlin"})
    assert moved.row(-1, named=True)["clock_sin"] == plain.row(-1, named=True)["clock_sin"] == 500


def test_what_lies_after_the_log_s_end_is_left_out() -> None:
    assert days_of(TABLE, date(2024, 3, 2))["day"].to_list() == [date(2024, 3, 1), date(2024, 3, 2)]


@pytest.mark.parametrize(
    ("presence", "logins"),
    [
        ({}, [1, 1, 1]),
        ({"kinds": ["login", "quest"]}, [1, 1, 0]),
        ({"least_events": 2}, [0, 1, 0]),
        ({"least_minutes": 1}, [0, 0, 0]),
    ],
)
def test_presence_says_which_days_are_logins(presence: dict[str, object], logins: list[int]) -> None:
    assert days_of(TABLE, presence=presence)["logins"].to_list() == logins


def test_an_amount_without_a_rate_is_counted_and_its_event_stays() -> None:
    terms = contract()
    result = activity(
        drawn(TABLE), terms, terms.tells, date(2024, 3, 1), date(2024, 3, 31), rate_table(), "EUR", 10
    )
    assert result.amount_problems == {"unknown_currency": 1}
    assert result.days.row(-1, named=True)["events"] == 1


def test_what_the_log_turned_out_not_to_tell_has_no_column() -> None:
    terms = contract()
    tells = terms.tells - {"clock", "amount"}
    days = activity(
        drawn(TABLE), terms, tells, date(2024, 3, 1), date(2024, 3, 31), rate_table(), "EUR", 10
    ).days
    assert not {"seconds", "clock_sin", "revenue", "orders"} & set(days.columns)


def test_runs_without_a_goal_begin_again_after_a_day_with_one() -> None:
    table = """
user date       time  kind     amount currency counterpart session level score country
ann  2024-03-01 08:00 quest    -      -        -           -       -     -     -
ann  2024-03-01 09:00 ticket   -      -        -           -       -     -     -
ann  2024-03-02 09:00 ticket   -      -        -           -       -     -     -
ann  2024-03-02 10:00 level_up -      -        -           -       -     -     -
ann  2024-03-04 09:00 login    -      -        -           -       -     -     -
ann  2024-03-04 10:00 ticket   -      -        -           -       -     -     -
ann  2024-03-05 10:00 ticket   -      -        -           -       -     -     -
bob  2024-03-05 10:00 quest    -      -        -           -       -     -     -
"""
    meaning = {"goal": ["level_up"], "failure": ["ticket"]}
    days = days_of(table, meaning=meaning)
    assert days["logins_since_goal"].to_list() == [1, 0, 1, 1, 1]  # the last day of ann is no login
    assert days["failures_since_goal"].to_list() == [1, 0, 1, 2, 0]


def test_hours_count_on_after_midnight_until_the_day_ends() -> None:
    late = days_of(TABLE, time={"timezone": "UTC", "day_starts_at": "04:00"})
    assert late["clock_total"].to_list() == [(8 + 25) * 3600, 23.5 * 3600, 12 * 3600]
    assert late["night_events"].to_list() == [1, 1, 0]
    assert late["working_events"].to_list() == [0, 0, 0]
