"""The first play that fits is chosen; whoever waits for an answer gets no offer."""

from typing import Any

import polars as pl
import pytest

from features.advice.choice import chosen_plays
from features.advice.facts import FACTS
from features.advice.plays import Plays
from features.define import Dimension
from tests.support.plays import default_plays, facts_of, plays_of


def chosen(plays: Plays, *users: dict[str, Any], at_risk: bool = True, **others: Any) -> list[str]:
    facts, nobody = facts_of(*users, **others), [None] * len(users)
    return chosen_plays(plays, facts, nobody, pl.Series([at_risk] * len(users)))["play"].to_list()


def steps(plays: Plays, facts: pl.DataFrame, *benefits: Dimension | None) -> list[str]:
    return chosen_plays(plays, facts, benefits, pl.Series([True] * facts.height))["next_step"].to_list()


@pytest.mark.parametrize(
    ("user", "play"),
    [
        ({"cause": "STUCK"}, "way_past"),
        ({"cause": None, "risk_band": "low"}, "watch"),
        ({"cause": None, "risk_band": "medium"}, "ask"),
        ({"cause": "SURROUNDINGS", "risk_band": "low"}, "ask"),
        ({"cause": "SUPPORT_WAITS", "request_open": True}, "answer_now"),
        ({"cause": "SUPPORT_WAITS", "request_open": False}, "follow_up"),
        ({"cause": "SUPPORT_WAITS"}, "follow_up"),
        ({"days_since_answer": 14, "request_open": False, "risk_band": "high"}, "follow_up"),
        ({"days_since_answer": 28, "request_open": False, "risk_band": "high"}, "follow_up"),
        ({"days_since_answer": 13, "request_open": False, "risk_band": "high"}, "ask"),
        ({"days_since_answer": 29, "request_open": False, "risk_band": "high"}, "ask"),
        ({"days_since_answer": 20, "request_open": True, "risk_band": "high"}, "ask"),
        ({"cause": "NARROW_USE"}, "one_new_thing"),
        ({"cause": "NARROW_USE", "subscription_running": True}, "unused_value"),
        ({"cause": "DOES_LESS", "subscription_running": False}, "short_visit"),
        ({"cause": "LITTLE_SO_FAR"}, "first_success"),
        ({"cause": "PAYS_LESS", "request_open": False}, "small_offer"),
        ({"cause": "PAYS_LESS", "request_open": True}, "watch"),
        ({"cause": "PAYS_LESS", "nps_group": "detractor"}, "listen"),
        ({"cause": "PAYS_LESS", "only_refunded": True}, "put_right"),
        ({"cause": "NEWCOMER", "only_refunded": True}, "put_right"),
        ({"cause": "STUCK", "only_refunded": True}, "way_past"),
        (
            {"cause": "ALONE", "risk_band": "high", "days_away_before": 1967.0, "away_before": "5.4 years"},
            "welcome_back",
        ),
        (
            {"cause": "ALONE", "risk_band": "high", "days_away_before": 364.0, "away_before": "12 months"},
            "new_company",
        ),
        ({"cause": "SUPPORT_WAITS", "days_away_before": 1967.0, "away_before": "5.4 years"}, "follow_up"),
    ],
)
def test_the_project_s_plays_follow_the_cause(user: dict[str, Any], play: str) -> None:
    assert chosen(default_plays(), user) == [play]


def test_who_came_back_after_years_is_told_what_changed_meanwhile() -> None:
    back = {"cause": "NEWCOMER", "risk_band": "high", "days_away_before": 1967.0, "away_before": "5.4 years"}
    assert steps(default_plays(), facts_of(back), None) == [
        "Tell them what has changed in the 5.4 years before they last came back."
    ]


def test_the_first_play_that_fits_is_chosen() -> None:
    first, second = (
        {"code": "first", "when": "silent_days > 3"},
        {"code": "second", "when": "silent_days > 1"},
    )
    users = ({"silent_days": 9}, {"silent_days": 2}, {"silent_days": 0})
    assert chosen(plays_of(first, second), *users) == ["first", "second", "watch"]
    assert chosen(plays_of(second, first), *users) == ["second", "second", "watch"]


def test_whoever_is_not_at_risk_gets_only_what_is_owed() -> None:
    users = ({"cause": "STUCK"}, {"cause": "SUPPORT_WAITS", "request_open": True})
    assert chosen(default_plays(), *users, at_risk=False) == ["watch", "answer_now"]


def test_a_play_that_is_set_aside_loses_to_the_next_that_fits_or_to_nobody() -> None:
    plays = plays_of(
        {"code": "gift", "when": "silent_days > 3"},
        {"code": "hint", "when": "TRUE"},
        {"code": "answer", "when": "TRUE", "duty": True},
    )
    users = ({"silent_days": 9, "risk_band": "high"}, {"silent_days": 9, "risk_band": "low"})
    assert chosen(plays.without({"gift": ("high",)}), *users) == ["hint", "gift"]
    everywhere = ("low", "medium", "high")
    assert chosen(plays.without({"gift": everywhere, "hint": everywhere}), *users) == ["answer", "answer"]
    assert chosen(plays.without({"answer": everywhere}), *users) == ["gift", "gift"]
    alone = plays_of({"code": "gift", "when": "TRUE"})
    assert chosen(alone.without({"gift": everywhere}), *users) == ["watch", "watch"]


def test_an_offer_passes_by_whoever_waits_for_an_answer() -> None:
    plays = plays_of({"code": "gift", "offer_cost": 3, "when": "TRUE"}, {"code": "hint", "when": "TRUE"})
    users = ({"request_open": True}, {"request_open": False}, {})
    assert chosen(plays, *users) == ["hint", "gift", "gift"]


def test_a_text_is_said_only_if_all_that_it_names_is_known() -> None:
    plays = plays_of(
        {"code": "step", "when": "TRUE", "says": {"en": "Open step {step} of {plan}"}},
        {
            "code": "days",
            "when": "TRUE",
            "says": {"en": "{silent_days} days, {score_last}, {days_since_goal}"},
        },
        {"code": "plain", "when": "TRUE"},
        known={**FACTS, "step": None},
    )
    known = {"silent_days": 3, "score_last": 7.0, "days_since_goal": 1.25}
    facts = facts_of({"plan": "pro"}, {"plan": None, **known}, {}, step=["4", "5", "6"])
    assert steps(plays, facts, None, None, None) == ["Open step 4 of pro.", "3 days, 7, 1.2.", "Give a hint."]
    assert chosen(plays, {"plan": "pro"}) == ["plain"]  # no such column at all


def test_a_play_builds_on_the_benefit_that_is_known() -> None:
    plays = plays_of({"when": "TRUE", "building": True})
    begun = "Give a hint; mention the people they know here."
    assert steps(plays, facts_of({}, {}), "social", None) == [begun, "Give a hint."]
    named = plays_of({"when": "TRUE", "says": {"en": "First, {benefit}"}}, {"code": "other", "when": "TRUE"})
    assert steps(named, facts_of({}, {}), "social", None) == [
        "First, mention the people they know here.", "Give a hint.",
    ]  # fmt: skip


def test_nobody_to_choose_for_gives_no_rows() -> None:
    none = chosen_plays(default_plays(), facts_of(), [], pl.Series([], dtype=pl.Boolean))
    assert none.schema == {"play": pl.String, "next_step": pl.String}
    assert none.is_empty()
