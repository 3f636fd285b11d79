"""An action follows from a feature's declaration: the thing to do, its amount and its words."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.advice.actions import Action, PlainTotal, action_for, shape_of, since_of, total_of
from features.catalogue.available import every_feature
from features.define import life, past, ratio
from tests.support.tables import contract, declared

EVERY = {feature.name: feature for feature in every_feature(contract().sources())}
STEPS = {name: step for name, feature in EVERY.items() if (step := action_for(feature))}


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("minutes_30d", PlainTotal("seconds", 30, 1 / 60)),
        ("minutes_life", PlainTotal("seconds", math.inf, 1 / 60)),
        ("revenue_90d", PlainTotal("revenue", 90, 0.01)),
        ("login_days_7d", PlainTotal("logins", 7, 1.0)),
        ("minutes_today", None),
        ("minutes_trend_7d", None),
        ("kinds_used_7d", None),
        ("days_since_goal", None),
    ],
)
def test_a_plain_total_is_found_by_its_expression(name: str, total: PlainTotal | None) -> None:
    assert total_of(EVERY[name]) == total


def test_a_total_bent_or_mixed_is_none() -> None:
    for value in (
        past("x", 7).clip(0, 5),
        past("x", 7) + 1,
        past("x", 7) + life("x"),
        ratio(past("x", 7), life("y")),
    ):
        assert total_of(declared(value=value)) is None


def test_the_last_time_and_the_same_over_another_window_are_found_too() -> None:
    assert since_of(EVERY["days_since_goal"]) == "goal_marks"
    assert since_of(EVERY["days_on_onboarding_step"]) is None
    week, month = shape_of(EVERY["kinds_used_7d"]), shape_of(EVERY["kinds_used_30d"])
    assert (week[0], week[1], month[1]) == (month[0], 7, 30)
    assert shape_of(EVERY["login_share_30d"]) == ("login_share_30d", 0)


@pytest.mark.parametrize(
    ("name", "now", "target", "says"),
    [
        ("login_days_7d", 1, 3, "come on two more days this week"),
        ("goals_30d", 2, 3, "reach one more goal this month"),
        ("minutes_7d", 12.4, 42.4, "spend 30 more minutes here this week"),
        ("events_90d", 10, 1234, "do 1,224 more things here within 3 months"),
        ("new_counterparts_30d", 0, 1, "meet one more new person this month"),
        ("kinds_used_7d", 1, 2, "do one more different thing this week"),
        ("kinds_used_7d", 1, 3, "do two more different things this week"),
        ("revenue_30d", 0.0, 4.5, "spend EUR 4.50 more this month"),
        ("days_since_goal", 30, 2, "reach a goal again"),
        ("days_since_goal", math.nan, 2, "reach a goal"),
        ("onboarding_step", 1, 2, "do one more step of the onboarding"),
        ("answer_hours_last", 168, 48, "get the next answer within 2 days instead of 7 days"),
        ("answer_hours_last", 30, 5, "get the next answer within 5 hours instead of 30 hours"),
        ("score_last", 3, 9, "earn a 9 of 10 in the next survey instead of 3"),
        ("days_complaint_waits", 9, math.nan, "find their request answered when they come back"),
        ("days_since_kind_chat", 9, 2, "have one chat"),
    ],
)
def test_a_step_says_what_is_to_be_done(name: str, now: float, target: float, says: str) -> None:
    assert STEPS[name].in_words(now, target) == says


def test_what_starts_afresh_is_told_whole_and_in_a_time_of_its_own() -> None:
    told = {
        ("goals_30d", 2, 3): "reach three goals within a month",
        ("new_counterparts_30d", 0, 1): "meet one new person within a month",
        ("revenue_30d", 1.0, 4.5): "spend EUR 4.50 within a month",
        ("login_days_7d", 1, 3): "come on three days within a week",
        ("days_since_goal", 30, 2): "reach a goal again",
        ("onboarding_step", 1, 2): "do one more step of the onboarding",  # a lifetime's steps are kept
    }
    for (name, now, target), says in told.items():
        assert STEPS[name].in_words(now, target, afresh=True) == says


def test_a_feature_of_one_s_own_has_its_action_and_ratios_have_none() -> None:
    feature = declared(
        value=past("weekend_logins", 30), actionable=True, goal="{more:login|logins} on weekends {when}",
        says="logins on weekends in the last 30 days: {value:.0f}, usually {own:.1f}",
    )  # fmt: skip
    step = action_for(feature)
    assert step is not None
    assert step.in_words(1, 2) == "one more login on weekends this month"
    assert step.generic_words == "… more logins on weekends this month"
    for name in ("login_share_30d", "minutes_per_login_day_30d", "minutes_today", "level_gain_per_hour_30d"):
        assert action_for(EVERY[name]) is None


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_every_step_is_told_without_a_gap(step: Action) -> None:
    sentence = step.in_words(1.0, 3.0)
    assert sentence == sentence.strip()
    assert not {"{", "}", "  "} & set(sentence)
    assert "_" not in sentence


@given(size=st.floats(0.01, 1e6))
def test_amounts_are_coarse_yet_keep_most_of_their_size(size: float) -> None:
    sized = np.array([size])
    for name, least in (("minutes_7d", 5.0), ("revenue_30d", 0.01)):
        multiple = STEPS[name].coarsely(sized)[0]
        assert multiple >= least * 0.999
        assert multiple <= max(size / 3, least) * 1.001
        assert str(f"{multiple:.0e}")[0] in "15"
    assert STEPS["login_days_7d"].coarsely(sized).tolist() == [1.0]


def test_steps_that_mean_the_same_have_the_value_that_it_leads_to() -> None:
    joint = [f for f in EVERY.values() if f.goal_value is not None]
    assert {f.goal for f in joint if f.goal} == {
        step.words for step in STEPS.values() if step.feature in joint
    }
    assert pl.Series([f.goal for f in joint]).null_count() == 0
