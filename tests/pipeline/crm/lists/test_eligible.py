"""One worked example for each list: who meets its conditions, and who just does not."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crm.lists.eligible import TRIGGERS, eligible
from tests.support.import_lists import AS_OF, asked, facts_of


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def wants(name: str, *users: dict[str, Any]) -> list[bool]:
    return eligible(facts_of(*users), asked())[f"wants_{name}"].to_list()


def test_win_back_whoever_left_within_the_last_180_days() -> None:
    left = {"churned": True, "days_since_left": 180}
    assert wants("winback", left, {**left, "days_since_left": 181}, {"days_since_left": 20}) == [
        True,
        False,
        False,
    ]


def test_promoters_have_praised_lately_have_been_here_for_a_month_and_are_not_about_to_leave() -> None:
    praise = {"score_last": 9.0, "score_on": ago(90), "tenure_days": 30}
    others = [{"score_last": 8.0}, {"score_on": ago(91)}, {"tenure_days": 29}, {"risk_band": "medium"}]
    assert wants("promoters", praise, *({**praise, **other} for other in others)) == [True, *[False] * 4]


def test_upgrade_is_for_the_lowest_plan_after_a_success_or_near_its_limit() -> None:
    users = [
        {"lowest_plan": True, "level_on": ago(3), "goal_on": ago(0)},
        {"lowest_plan": True, "goal_on": ago(3)},
        {"lowest_plan": True, "limit_used": 9.0, "limit_most": 10.0, "level_on": ago(0)},
        {"lowest_plan": True, "limit_used": 8.9, "limit_most": 10.0},
        {"lowest_plan": True, "goal_on": ago(4)},
        {"lowest_plan": False, "goal_on": ago(0)},
        {"lowest_plan": None, "goal_on": ago(0)},
        {"lowest_plan": True, "goal_on": ago(0), "risk_band": "high"},
    ]
    made = eligible(facts_of(*users), asked())
    assert made["wants_upgrade"].to_list() == [True, True, True, *[False] * 5]
    assert made["trigger_upgrade"].to_list()[:5] == ["level", "goal", "limit", None, None]
    assert made["trigger_on_upgrade"].to_list()[:3] == [ago(3), ago(3), AS_OF]


def test_reward_the_tenth_with_most_use_if_they_have_been_here_for_long_and_anniversaries() -> None:
    users: list[dict[str, Any]] = [{"use_30d": float(use), "tenure_days": 180} for use in range(1, 11)]
    assert wants("reward", *users) == [*[False] * 9, True]
    assert wants("reward", *users[:9], {**users[9], "tenure_days": 179}) == [False] * 10
    assert wants("reward", *users[:9], users[8]) == [False] * 10  # two of equal use are more than a tenth
    soon = [{"anniversary_on": AS_OF + timedelta(days=days)} for days in (1, 7, 8)]
    assert wants("reward", *soon) == [True, True, False]
    assert wants("reward", {**soon[0], "risk_band": None}) == [False]


def test_survey_after_a_purchase_or_a_goal_but_no_detractor_and_not_twice_in_90_days() -> None:
    bought: dict[str, Any] = {"bought_on": ago(2), "score_last": 8.0, "score_on": ago(90)}
    users = [bought, {"goal_on": ago(0)}, {**bought, "bought_on": ago(3)}, {**bought, "score_on": ago(89)}]
    users += [{**bought, "score_last": 6.0}, {**bought, "risk_band": None}]
    made = eligible(facts_of(*users), asked())
    assert made["wants_survey"].to_list() == [True, True, *[False] * 4]
    assert made["trigger_survey"].to_list()[:2] == ["purchase", "goal"]
    assert made["trigger_on_survey"].to_list()[:2] == [ago(2), AS_OF]


DAY = st.none() | st.integers(0, 200).map(ago)
USER = st.fixed_dictionaries(
    {
        "score_last": st.none() | st.integers(0, 10).map(float),
        "score_on": DAY,
        "goal_on": DAY,
        "level_on": DAY,
        "bought_on": DAY,
        "tenure_days": st.none() | st.integers(0, 400),
        "use_30d": st.none() | st.integers(0, 5).map(float),
        "lowest_plan": st.none() | st.booleans(),
        "risk_band": st.sampled_from(["low", "medium", "high"]),
    }
)


@given(st.lists(USER, max_size=25))
def test_detractors_get_no_survey_promoters_have_praised_and_no_more_than_a_tenth_is_rewarded(
    users: list[dict[str, Any]],
) -> None:
    facts = facts_of(*users)
    made = facts.hstack(eligible(facts, asked()))
    assert (made.filter("wants_survey")["score_last"].fill_null(10.0) > 6).all()
    assert (made.filter("wants_promoters")["score_last"] >= 9).all()
    assert made["wants_reward"].sum() <= made.filter(pl.col("use_30d") > 0).height / 10
    for name in TRIGGERS:
        assert made.filter(f"wants_{name}")[f"trigger_{name}"].null_count() == 0


@pytest.mark.parametrize("name", ["winback", "promoters", "upgrade", "reward", "survey"])
def test_who_has_no_facts_is_wanted_nowhere_and_no_user_is_no_fault(name: str) -> None:
    assert wants(name, {}, {"churned": True}) == [False, False]
    assert wants(name) == []
