"""Each feature has one cause of leaving, and each cause has a play."""

from typing import get_args

import pytest

from features.advice.actions import action_for
from features.advice.causes import CAUSES, cause_of
from features.advice.plays import BENEFITS, NO_CAUSE, PLAYS, SERVED_BY, next_step, play_of
from features.catalogue.available import every_feature
from features.define import DIMENSIONS, Cause
from tests.support.tables import contract

EVERY = {feature.name: feature for feature in every_feature(contract().sources())}


def test_codes_are_unlike_and_every_cause_is_spoken_of() -> None:
    codes = [cause.code for cause in CAUSES]
    assert sorted(codes) == sorted(get_args(Cause))
    assert {cause_of(feature).code for feature in EVERY.values()} | {"SURROUNDINGS"} == set(codes)


def test_a_newcomer_cannot_come_or_do_less_than_before() -> None:
    told = {
        name: cause_of(EVERY[name], newcomer=True).code
        for name in ("login_days_7d", "minutes_7d", "goals_30d")
    }
    assert told == {"login_days_7d": "NEWCOMER", "minutes_7d": "LITTLE_SO_FAR", "goals_30d": "STUCK"}


def test_every_dimension_has_a_cause() -> None:
    assert {cause.dimension for cause in CAUSES} == set(DIMENSIONS)


def test_who_has_no_habit_yet_is_a_newcomer() -> None:
    assert cause_of(EVERY["gap_mean_days"], missing=True).code == "NEWCOMER"
    assert cause_of(EVERY["days_since_goal"], missing=True).code == "STUCK"


@pytest.mark.parametrize(
    ("name", "code", "side"),
    [
        ("login_days_7d", "COMES_LESS", "low"),
        ("gap_last_days", "COMES_LESS", "high"),
        ("tenure_days", "NEWCOMER", "low"),
        ("level_gain_7d", "STUCK", "low"),
        ("days_since_level_gain", "STUCK", "high"),
        ("contacts_7d", "ALONE", "low"),
        ("received_7d", "UNANSWERED", "low"),
        ("days_since_received", "UNANSWERED", "high"),
        ("revenue_30d", "PAYS_LESS", "low"),
        ("refunds_90d", "REFUNDED", "high"),
        ("days_complaint_waits", "SUPPORT_WAITS", "high"),
        ("score_last", "UNHAPPY", "low"),
        ("currency_price_change_30d", "PRICES_ROSE", "high"),
        ("share_of_kind_level_up_30d", "STUCK", "low"),
        ("weekday", "CALENDAR", "either"),
        ("kinds_used_7d", "NARROW_USE", "low"),
        ("days_since_kind_chat", "ALONE", "high"),  # chatted today: not alone
        ("share_of_kind_chat_30d", "ALONE", "low"),
        ("days_since_kind_login", "ONBOARDING_STALLS", "high"),  # the first step of the game
    ],
)
def test_a_feature_speaks_of_its_cause_on_the_wrong_side_of_the_norm(name: str, code: str, side: str) -> None:
    assert (cause_of(EVERY[name]).code, EVERY[name].worse) == (code, side)


def test_every_cause_has_a_play_with_one_next_step_that_is_not_about_us() -> None:
    assert set(PLAYS) == {cause.code for cause in CAUSES}
    steps = [next_step(play, one) for play in (*PLAYS.values(), NO_CAUSE) for one in (*BENEFITS, None)]
    assert set(BENEFITS) < set(DIMENSIONS)
    assert {name for benefit in BENEFITS.values() for name in benefit.shown_by} <= set(EVERY)
    assert not [step for step in steps if "miss" in step or "{" in step or not step.endswith(".")]
    assert play_of(None) == NO_CAUSE


def test_a_goal_serves_a_play_by_a_cause_that_has_an_action_and_never_one_that_waits() -> None:
    acted_on = {feature.cause for feature in EVERY.values() if action_for(feature)}
    plays = {play.code for play in PLAYS.values()} | {"answer_now"}
    assert set(SERVED_BY) <= plays - {NO_CAUSE.code, "wait", "put_right", "local_price"}
    for served in SERVED_BY.values():
        assert set(served) <= acted_on
