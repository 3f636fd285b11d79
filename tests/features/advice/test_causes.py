"""Each feature has one cause of leaving."""

from typing import get_args

import pytest

from features.advice.causes import CAUSES, SYMPTOMS, cause_of, counts
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


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("minutes_7d", SYMPTOMS["rhythm"]),
        ("goals_30d", SYMPTOMS["rhythm"]),
        ("kinds_used_7d", SYMPTOMS["rhythm"]),
        ("login_days_7d", SYMPTOMS["rhythm"]),
        ("minutes_per_login_day_30d", SYMPTOMS["intensity"]),
        ("progress_share_30d", 1.0),
        ("days_since_goal", 1.0),
        ("support_30d", 1.0),  # who comes less asks for less help, and many requests are no symptom of that
    ],
)
def test_an_amount_of_several_days_is_a_symptom_of_coming_less(name: str, factor: float) -> None:
    one = EVERY[name]
    of_dimension = SYMPTOMS.get(one.dimension, 1.0)
    assert counts(one, has_rhythm=True) * of_dimension == pytest.approx(factor)
    assert counts(one, has_rhythm=False) == 1.0  # who has come once cannot come less


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
