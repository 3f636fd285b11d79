"""The classifier of causes: each feature speaks of exactly one, and each cause has a play."""

import pytest

from features.advice.causes import CAUSES, cause_of, causes_named, worse
from features.advice.plays import BENEFITS, NO_CAUSE, PLAYS, next_step, play_of
from features.catalogue.available import every_feature
from features.define import DIMENSIONS, Feature
from tests.support.tables import contract

EVERY = {feature.name: feature for feature in every_feature(contract().sources())}


@pytest.mark.parametrize("feature", EVERY.values(), ids=EVERY)
def test_a_feature_belongs_to_one_cause_of_its_own_dimension(feature: Feature) -> None:
    assert len(causes_named(feature)) <= 1
    assert cause_of(feature).dimension == feature.dimension


def test_codes_are_unlike_and_every_cause_is_spoken_of() -> None:
    codes = [cause.code for cause in CAUSES]
    assert len(set(codes)) == len(codes)
    assert {cause_of(feature).code for feature in EVERY.values()} | {"SURROUNDINGS"} == set(codes)


def test_each_dimension_has_one_cause_that_takes_the_rest() -> None:
    assert sorted(c.dimension for c in CAUSES if not c.names) == sorted(DIMENSIONS)


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
        ("share_of_kind_level_up_30d", "STUCK", "either"),
        ("weekday", "CALENDAR", "either"),
        ("kinds_used_7d", "NARROW_USE", "low"),
        ("days_since_kind_chat", "ALONE", "high"),  # chatted today: not alone
        ("share_of_kind_chat_30d", "ALONE", "low"),
        ("days_since_kind_login", "NARROW_USE", "high"),
    ],
)
def test_a_feature_speaks_of_its_cause_on_the_wrong_side_of_the_norm(name: str, code: str, side: str) -> None:
    assert (cause_of(EVERY[name]).code, worse(EVERY[name])) == (code, side)


def test_every_cause_has_a_play_with_one_next_step_that_is_not_about_us() -> None:
    assert set(PLAYS) == {cause.code for cause in CAUSES}
    steps = [next_step(play, one) for play in (*PLAYS.values(), NO_CAUSE) for one in (*BENEFITS, None)]
    assert set(BENEFITS) < set(DIMENSIONS)
    assert {name for benefit in BENEFITS.values() for name in benefit.shown_by} <= set(EVERY)
    assert not [step for step in steps if "miss" in step or "{" in step or not step.endswith(".")]
    assert play_of(None) == NO_CAUSE
