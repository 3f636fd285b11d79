"""A value may be told as a reason where it is worse than what is usual, for peers and for the user, as it is read."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue.available import every_feature
from features.wording.sentences import as_read
from pipeline.explanation.wrong_side import Away, wrong_side
from tests.support.tables import contract

EVERY = {one.name: one for one in every_feature(contract().sources())}
NAN = math.nan


def speaks(
    name: str,
    value: float,
    own: float,
    peers: float,
    known: float = 1.0,
    silent: float = 0.0,
    gap: float = NAN,
    visits: float = NAN,
) -> bool:
    """Whether the feature of that name may speak for a user with these values."""
    numbers = (np.array([[number]]) for number in (value, own, peers, known))
    away = Away(np.array([silent]), np.array([gap]), np.array([visits]))
    return bool(wrong_side([EVERY[name]], away, *numbers)[0, 0])


@pytest.mark.parametrize(
    ("name", "value", "own", "peers", "may"),
    [
        ("minutes_7d", 10.0, NAN, 40.0, True),
        ("minutes_7d", 90.0, NAN, 40.0, False),  # more than peers
        ("minutes_7d", 10.0, 10.0, 40.0, False),  # as usual for the user
        ("minutes_7d", 30.0, 20.0, 40.0, False),  # more than usual for the user
        ("minutes_7d", 30.0, 60.0, 20.0, False),  # less than usual, more than peers
        ("gap_last_days", 40.0, 2.0, 5.0, True),
        ("days_since_received", 14.0, 1.2, 25.8, False),  # peers wait longer
        ("sessions_life", 15.0, NAN, 18.0, True),
        ("sessions_life", 16.0, NAN, 18.0, False),  # less by a trifle,
        ("sessions_life", 17.96, NAN, 18.0, False),  # as many when read
        ("currency_price_change_90d", 0.995, NAN, 0.99, False),  # prices fell
        ("currency_price_change_90d", 1.07, NAN, 0.99, True),
        ("currency_price_change_90d", 1.01, NAN, 0.99, False),  # nobody leaves for one percent
        ("events_trend_7d", 1.2, NAN, 1.5, False),  # rises, if less than that of peers
        ("sessions_30d", 1.0, 1.1, 3.8, False),  # less than usual by a trifle
        ("sessions_30d", 1.0, 1.6, 3.8, True),
        ("minutes_7d", 2.6, 3.4, 9.0, False),  # 3 minutes, usually 3
        ("minutes_life", 0.0, NAN, 0.4, False),  # a log that measures no time
        ("minutes_90d", 1.0, 6.5, 2.4, False),  # a minute or two
        ("login_days_90d", 1.0, 1.3, 1.9, False),  # less than half a visit
        ("login_days_90d", 1.0, 1.6, 1.9, True),
        ("days_since_goal", 3.0, 2.2, 2.4, False),  # less than a day
        ("answer_hours_last", 4.0, NAN, 1.5, False),
        ("answer_hours_last", 200.0, NAN, 72.0, True),
        ("hour_regularity", 0.3, NAN, 0.5, False),  # a little more often than mostly
        ("hour_regularity", 0.1, NAN, 0.5, True),
        ("share_of_kind_level_up_30d", 0.06, 0.08, 0.09, False),  # two points of percent
        ("score_last", NAN, NAN, 7.0, False),  # was never asked
        ("kinds_new_today", 0.0, 1.0, 1.0, False),  # does not speak
        ("tenure_days", 0.0, NAN, 30.0, False),
        ("events_trend_7d", 0.97, NAN, 1.2, False),  # a few percent are no fall
        ("events_trend_7d", 0.84, NAN, 0.86, False),  # peers do as much less
        ("events_trend_7d", 0.74, NAN, 0.86, True),
        ("events_trend_7d", NAN, NAN, 1.0, False),  # nothing to fall from
        ("refunds_90d", 0.0, NAN, 0.0, False),
        (
            "days_complaint_waits",
            5.0,
            NAN,
            11.0,
            True,
        ),  # a request that waits is wrong however long others wait
        ("days_complaint_waits", NAN, NAN, 11.0, False),  # none is open
        ("open_complaints", 1.0, NAN, 0.2, True),
        ("open_complaints", 0.0, NAN, 0.2, False),
        ("subscription_running", NAN, NAN, 0.5, False),  # never had one
        ("subscription_running", 0.0, NAN, 0.5, True),
        ("days_to_renewal", 3.0, 15.0, 18.0, True),
        ("days_to_renewal", 12.0, 15.0, 18.0, False),  # sooner than usual, and not soon
        ("days_since_kind_ticket", 1.0, 9.0, 8.0, True),  # a complaint of yesterday
        ("days_since_kind_ticket", NAN, NAN, 8.0, False),  # never complained
        ("level", 4.0, NAN, 3.0, False),
    ],
)
def test_worked_examples(name: str, value: float, own: float, peers: float, may: bool) -> None:  # noqa: FBT001
    assert speaks(name, value, own, peers) is may


@pytest.mark.parametrize(("known", "may"), [(0.9, True), (0.5, False), (0.1, False)])
def test_a_missing_value_speaks_where_most_peers_have_one(known: float, may: bool) -> None:  # noqa: FBT001
    assert speaks("gap_last_days", NAN, NAN, 4.0, known) is may


@pytest.mark.parametrize(
    ("name", "value", "silent", "gap", "may"),
    [
        ("days_since_goal", 40.0, 0.0, 3.0, True),
        ("days_since_goal", 40.0, 0.0, 20.0, False),  # away for half of the time
        ("days_since_goal", 40.0, 30.0, 3.0, True),  # told as of the last login
        ("days_since_received", 40.0, 3.0, 20.0, True),
        ("days_since_received", 40.0, 38.0, 1.0, False),  # heard from others until the user left
        ("days_complaint_waits", 40.0, 38.0, 1.0, True),  # but a request waits
    ],
)
def test_a_clock_is_not_late_because_the_user_was_away(
    name: str,
    value: float,
    silent: float,
    gap: float,
    may: bool,  # noqa: FBT001
) -> None:
    assert speaks(name, value, 2.0, 5.0, silent=silent, gap=gap) is may


def test_a_share_of_visits_says_nothing_before_the_third() -> None:
    name = "days_with_kind_chat_share"
    assert [speaks(name, 0.0, NAN, 0.6, visits=visits) for visits in (1, 2, 3)] == [False, False, True]
    for name in ("gap_mean_days", "gap_mean_90d", "gap_longest_days"):
        assert [speaks(name, 90.0, NAN, 9.0, visits=visits) for visits in (2, 3)] == [False, True]
    assert speaks("gap_last_days", 90.0, NAN, 9.0, visits=2)
    assert [speaks("weekday_regularity", 0.1, NAN, 0.6, visits=visits) for visits in (6, 7)] == [False, True]
    assert speaks("share_of_kind_chat_30d", 0.0, NAN, 0.6, visits=1)


NUMBERS = st.floats(0, 1000)


@given(st.sampled_from(sorted(EVERY)), NUMBERS, NUMBERS, NUMBERS)
def test_what_may_speak_reads_as_worse_than_both(name: str, value: float, own: float, peers: float) -> None:
    feature = EVERY[name]
    if feature.worse == "either" or feature.goal_value is not None or not speaks(name, value, own, peers):
        return
    read = as_read(feature, np.array([value, own, peers])).tolist()
    worst = max(read) if feature.worse == "high" else min(read)
    assert read[0] == worst
    assert read[0] not in read[1:]
