"""A landmark row holds what is known at the end of its day, whoever comes later."""

import math
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.aggregation.from_events import RowSources, in_company, login_rows_of, user_days_of
from features.aggregation.gone import absences_of
from features.aggregation.landmarks import KEYS, as_of_days, drawn_days, landmark_rows, with_gaps
from features.aggregation.service import service_life, service_part
from features.catalogue.available import available
from features.catalogue.silence import SILENCE
from features.external.exchange_rates import RateTable
from tests.support.tables import COLUMNS, GAME, START, contract, drawn, rate_table, stored

FEATURES = available(contract().sources())
MOVING = [feature.name for feature in FEATURES if feature.moves]
DAYS = 60
KINDS = [kind for kinds in GAME["groups"].values() for kind in kinds]
EVENTS = st.fixed_dictionaries(
    {
        "user_id": st.sampled_from("ab"),
        "at": st.integers(0, DAYS * 24 - 1).map(
            lambda hour: datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(hours=hour)
        ),
        "kind": st.sampled_from(KINDS),
        "amount": st.none() | st.integers(-99, 999).map(float),
        "currency": st.sampled_from(["EUR", "GBP", None]),
        "counterpart": st.none() | st.sampled_from("bc"),
        "score": st.none() | st.integers(0, 10).map(float),
        "country": st.sampled_from(["DE", "GB", None]),
    }
)
SCHEMA = {"user_id": pl.String, "at": pl.Datetime("us", "UTC"), "kind": pl.String, **COLUMNS}
HISTORIES = st.lists(EVENTS, min_size=1, max_size=30).map(
    lambda events: stored(pl.DataFrame(events, schema=SCHEMA))
)
LOGINS = st.dictionaries(
    st.sampled_from("abc"), st.sets(st.integers(0, 40), min_size=1).map(sorted), min_size=1
)


def both_rows(
    events: pl.DataFrame, log_end: date, *days: date, most_silent_days: int = 30
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The login rows of stored `events`, and the landmark rows on each of `days`."""
    game = contract()
    sources = RowSources(game, game.tells, START, log_end, RateTable(rate_table(), "EUR", 10))
    alone = user_days_of(events, sources).days
    user_days = in_company(alone, events, absences_of(alone), sources)
    service = service_life([service_part(user_days)], START, log_end)
    logins = login_rows_of(user_days, FEATURES, service, None, sources)
    rows = with_gaps(logins.select("user_id", "login_day", "login_number"))
    chosen = as_of_days(rows.with_columns(most_silent_days=most_silent_days), log_end, days)
    return logins, landmark_rows(chosen, logins, user_days, (*FEATURES, *SILENCE), service, None, sources)


def login_days(**days_of: list[int]) -> pl.DataFrame:
    """Login rows of users who come on these days of March, as the choice of landmarks takes them."""
    rows = [(user, march(number)) for user, numbers in sorted(days_of.items()) for number in numbers]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "login_day": pl.Date}, orient="row")


def march(number: int) -> date:
    return START + timedelta(days=number - 1)


AWAY = drawn("""
user date       time  kind     amount currency counterpart session level score country
ann  2024-03-01 10:00 login    -      -        -           -       -     -     DE
ann  2024-03-01 10:40 purchase 8.00   EUR      -           -       -     -     -
ann  2024-03-05 18:00 ticket   -      -        -           -       -     -     -
bob  2024-03-06 09:00 chat     -      -        ann         -       -     -     -
ann  2024-03-08 10:00 login    -      -        -           -       -     -     -
bob  2024-03-10 09:00 chat     -      -        ann         -       -     -     -
ann  2024-03-10 12:00 refund   -5.00  EUR      -           -       -     -     -
ann  2024-03-12 10:00 login    -      -        -           -       -     -     -
""")
"""Ann is away from the 9th to the 11th. On the 10th her ticket is answered, and her subscription ends."""
MOVED = {
    "silent_days": (0, 3),
    "silent_to_mean_gap": (0, 3 / 7),
    "received_7d": (1, 2),
    "days_since_received": (2, 1),
    "subscription_running": (1, 0),
    "days_to_renewal": (23, math.nan),
    "days_since_subscription_end": (math.nan, 1),
    "days_since_support": (3, 6),
    "open_complaints": (1, 0),
    "days_complaint_waits": (3, math.nan),
    "answer_hours_last": (math.nan, 114),
    "weekday": (5, 1),
    "days_to_holiday": (21, 18),
}
STAYED = {
    "logins_life": 2,
    "gap_last_days": 7,
    "events_7d": 2,
    "refunds_90d": 0,
    "days_since_kind_purchase": 7,
}


@pytest.mark.parametrize(("as_of", "position"), [(march(8), 0), (march(11), 1)], ids=["login", "away"])
def test_what_moves_is_told_as_of_the_day_and_the_rest_as_of_the_last_login(
    as_of: date, position: int
) -> None:
    _, rows = both_rows(AWAY, march(12), as_of)
    row = rows.filter(pl.col("user_id") == "ann").row(0, named=True)
    assert tuple(row[key] for key in KEYS) == ("ann", as_of, march(8), 2, 3 * position)
    expected = {name: values[position] for name, values in MOVED.items()} | STAYED
    assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-5, nan_ok=True)


@given(HISTORIES, st.integers(0, DAYS - 1))
@settings(max_examples=40, deadline=None)
def test_a_row_is_what_the_log_cut_at_the_end_of_its_day_says(events: pl.DataFrame, number: int) -> None:
    as_of = START + timedelta(days=number)
    _, whole = both_rows(events, START + timedelta(days=DAYS), as_of)
    _, replayed = both_rows(events.filter(pl.col("at").dt.date() <= as_of), as_of, as_of)
    assert_frame_equal(replayed, whole, check_exact=True)


@given(HISTORIES)
@settings(max_examples=30, deadline=None)
def test_on_the_day_of_a_login_it_is_the_login_row_and_later_only_what_moves_differs(
    events: pl.DataFrame,
) -> None:
    days = [START + timedelta(days=number) for number in range(DAYS)]
    logins, rows = both_rows(events, days[-1], *days)
    today = rows.filter(pl.col("silent_days") == 0)
    assert_frame_equal(today.select(logins.columns), logins, check_exact=True)
    at_login = rows.select("user_id", "login_day").join(
        logins, on=["user_id", "login_day"], how="left", maintain_order="left"
    )
    assert_frame_equal(rows.select(logins.columns).drop(MOVING), at_login.drop(MOVING), check_exact=True)


@given(LOGINS, st.integers(1, 9), st.integers(0, 8), st.integers(0, 20))
@settings(deadline=None)
def test_which_days_are_drawn_depends_on_the_day_and_the_silence_so_far_alone(
    history: dict[str, list[int]], every: int, offset: int, most: int
) -> None:
    offset %= every
    rows = login_days(**history).with_columns(most_silent_days=most, offset=offset)
    found = drawn_days(rows, march(45), every).select("user_id", "as_of", "login_day", "silent_days")
    expected = [
        (user, march(day), march(last), day - last)
        for user, days in sorted(history.items())
        for day in range(days[0], 46)
        if (march(day) - date(1970, 1, 1)).days % every == offset
        for last in [max(one for one in days if one <= day)]
        if day - last <= most
    ]
    assert found.rows() == expected


@given(LOGINS, st.integers(0, 20))
@settings(deadline=None)
def test_to_draw_every_day_is_to_take_each_day_there_is(history: dict[str, list[int]], most: int) -> None:
    rows = login_days(**history).with_columns(most_silent_days=most)
    every_day = [march(number) for number in range(46)]
    taken = as_of_days(rows, march(45), every_day)
    assert_frame_equal(drawn_days(rows.with_columns(offset=0), march(45), 1).select(taken.columns), taken)


def test_without_days_there_are_no_rows_but_all_columns() -> None:
    _, rows = both_rows(AWAY, march(12))
    assert rows.is_empty()
    assert set(rows.columns) == {*KEYS, *(feature.name for feature in (*FEATURES, *SILENCE))}
