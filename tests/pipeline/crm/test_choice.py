"""Every listed user has one action, and the summary adds up."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.targeting.holdout import arms
from models.targeting.measured import PlayEffect
from pipeline.config.params import load_params
from pipeline.config.sections import Holdout, Policy
from pipeline.crm.choice import Chosen, Offer, chosen, expected_totals, policy_report
from pipeline.crm.crm_list import COLUMNS, crm_list
from pipeline.crm.summary import list_summary, population_counts
from pipeline.crm.summary_text import in_words
from pipeline.errors import InputError
from tests.support.tiny import parameters

DAY = date(2024, 3, 31)
OFFERS = {"call": Offer(accepts=0.2, offer_cost=0.0), "gift": Offer(accepts=0.3, offer_cost=5.0)}
SCHEMA = {
    "user_id": pl.String, "churn_probability": pl.Float64, "silent_days": pl.Int64, "expected_revenue": pl.Float64,
    "play": pl.String, "duty": pl.Boolean, "mean_gap_days": pl.Float64, "window_days": pl.Int32, "as_of": pl.Date,
    "currency": pl.String, "value_at_risk": pl.Float64, "login_number": pl.Int32,
    "risk_band": pl.String, "style": pl.String, "next_step": pl.String, "goal_text": pl.String,
}  # fmt: skip
HOLDOUT = Holdout(share=0.25, period="never", strata=(), key="k")


def policy(**changes: object) -> Policy:
    given_ones = {
        "rule": "profit", "capacity_share": 0.5, "capacity_users": None, "budget": None, "contact_cost": 0.5,
        "margin": 1.0, "stayers_take_offer": 1.0, "half_life_gaps": 4.0, "effects": None, "scorer": "model",
    }  # fmt: skip
    return Policy.model_validate(given_ones | changes)


def listed(users: list[dict[str, object]]) -> pl.DataFrame:
    """Users by id; what is not given: risk .5, no silence, 100 of revenue, the play `call`, no duty."""
    usual = {
        "churn_probability": 0.5, "silent_days": 0, "expected_revenue": 100.0, "play": "call", "duty": False,
        "mean_gap_days": 2.0, "window_days": 14, "as_of": DAY, "currency": "EUR", "value_at_risk": 50.0,
        "login_number": 7, "risk_band": "high", "style": "new", "next_step": "call them", "goal_text": "a goal",
    }  # fmt: skip
    rows = [{"user_id": f"u{number:03d}"} | usual | user for number, user in enumerate(users)]
    return pl.DataFrame(rows, schema=SCHEMA)


def decided(
    users: list[dict[str, object]],
    excluded: list[str | None] | None = None,
    *,
    valued: bool = True,
    effects: Mapping[str, PlayEffect] | None = None,
    **changes: object,
) -> Chosen:
    people = listed(users)
    by = pl.Series("excluded_by", excluded or [None] * people.height, dtype=pl.String)
    return chosen(people, OFFERS, policy(**changes), HOLDOUT, 0, by, valued=valued, effects=effects)


def actions(choice: Chosen) -> dict[str, str]:
    return dict(choice.listed.select("user_id", "action").rows())


def test_a_contact_that_costs_more_than_it_brings_is_watched_and_says_why() -> None:
    choice = decided([{"expected_revenue": 100.0}, {"expected_revenue": 4.0}, {"play": "watch"}])
    why = dict(choice.listed.select("user_id", "why_watched").rows())
    assert why == {"u000": None, "u001": "no_profit", "u002": "no_play"}
    profit = dict(choice.listed.select("user_id", "expected_profit").rows())
    assert profit["u000"] == pytest.approx(0.5 * 0.2 * 100 - 0.5)
    assert profit["u001"] == pytest.approx(0.5 * 0.2 * 4 - 0.5)


def test_an_open_request_is_answered_whatever_the_profit_the_capacity_and_the_holdout() -> None:
    users: list[dict[str, object]] = [{"duty": True, "expected_revenue": 0.0} for _ in range(40)]
    choice = decided([*users, {}], rule="capacity", capacity_users=1)
    assert set(choice.listed.filter("duty")["action"]) == {"contact"}
    assert choice.listed.filter("duty")["arm"].null_count() == 40
    assert choice.listed.filter(~pl.col("duty"))["arm"].null_count() == 0


def test_whoever_a_rule_excludes_is_not_contacted_not_even_for_a_duty() -> None:
    choice = decided([{"duty": True}, {}], ["opted_out", None])
    assert actions(choice)["u000"] == "excluded"
    assert choice.listed.filter(user_id="u000").select("arm", "excluded_by").row(0) == (None, "opted_out")


def test_the_arm_is_that_of_the_user_s_hash_among_the_chosen_only() -> None:
    choice = decided([{"expected_revenue": 100.0 if number % 2 else 0.0} for number in range(200)])
    taken = choice.listed.filter(pl.col("arm").is_not_null())
    assert taken.height == 100
    assert taken["arm"].equals(arms(taken["user_id"], 0.25, "k"))
    assert set(choice.listed.filter(pl.col("arm").is_null())["action"]) == {"watch"}


def test_a_play_that_harms_is_dropped_and_one_that_helps_is_preferred() -> None:
    """By the file a gift is accepted by more; measured, it drives users away, and a call keeps 20 of 100."""
    users: list[dict[str, object]] = [{"play": "gift" if number % 2 else "call"} for number in range(20)]
    effects = {"gift": PlayEffect(-0.05), "call": PlayEffect(0.2)}
    known = decided(users, effects=effects)
    assert set(known.listed.filter(pl.col("arm").is_not_null())["play"]) == {"call"}
    assert set(known.listed.filter(play="gift")["why_watched"]) == {"no_profit"}
    for effect, first in ((0.2, "call"), (0.01, "gift")):
        few = decided(users, effects={"call": PlayEffect(effect)}, rule="capacity", capacity_users=5)
        assert set(few.listed.filter(pl.col("arm").is_not_null())["play"]) == {first}


def test_a_measured_effect_is_that_of_the_risk_band() -> None:
    users: list[dict[str, object]] = [{"risk_band": band} for band in ("high", "medium", "low")]
    made = decided(users, effects={"call": PlayEffect(0.1, {"high": 0.2, "low": -0.1})})
    kept = dict(made.listed.select("risk_band", "expected_kept").rows())
    assert kept == {"high": 0.2, "medium": 0.1, "low": 0.0}


def test_without_a_measured_effect_nothing_changes() -> None:
    users: list[dict[str, object]] = [{"play": "gift" if number % 3 else "call"} for number in range(20)]
    assert decided(users, effects={}).listed.equals(decided(users).listed)


USERS = st.lists(
    st.fixed_dictionaries(
        {
            "churn_probability": st.floats(0.001, 0.999),
            "silent_days": st.integers(0, 13),
            "expected_revenue": st.floats(0, 500),
            "play": st.sampled_from(["watch", "call", "gift"]),
            "duty": st.booleans(),
        }
    ),
    max_size=30,
)


@given(USERS, st.sampled_from(["profit", "capacity", "budget", "auto"]), st.data())
def test_actions_ranks_and_the_summary_add_up(
    users: list[dict[str, object]], rule: str, data: st.DataObject
) -> None:
    by = st.sampled_from([None, None, "opted_out", "cool_down"])
    excluded = data.draw(st.lists(by, min_size=len(users), max_size=len(users)))
    choice = decided(users, excluded, rule=rule, budget=20.0)
    of_choice = choice.listed
    assert of_choice["rank"].to_list() == list(range(1, len(users) + 1))
    assert of_choice.filter(
        (pl.col("action") == "excluded") != pl.col("excluded_by").is_not_null()
    ).is_empty()
    in_arm = of_choice.filter(pl.col("arm").is_not_null())
    assert in_arm.filter(pl.col("expected_profit") <= 0).is_empty()
    assert in_arm.filter(pl.col("play") == "watch").is_empty()
    order = of_choice["action"].replace_strict(
        {"contact": 0, "holdout": 0, "watch": 1, "excluded": 2}, default=None
    )
    assert order.is_sorted()
    everybody = pl.Series([f"u{number:03d}" for number in range(len(users) + 5)])
    with_login = pl.DataFrame(
        {"user_id": everybody.head(len(users) + 3), "silent_days": [20] * (len(users) + 3)}
    )
    beyond = pl.DataFrame({"user_id": [everybody[len(users)]], "silent_days": [15]})
    population = population_counts(choice.listed["user_id"], beyond, with_login, everybody)
    summary = list_summary(choice, policy(), 0.25, population)
    rest = ("listed", "beyond_horizon", "silent_for_longer", "not_scored", "without_login")
    assert [summary[name] for name in rest] == [len(users), 1, 2, 0, 2]
    assert sum(summary[name] for name in rest) == summary["users_in_log"]
    assert sum(summary["actions"].values()) == len(users)
    for action in ("contact", "holdout", "watch", "excluded"):
        assert sum(summary[action].values()) == summary["actions"][action]


def test_in_a_running_episode_a_user_keeps_arm_play_and_step_and_is_not_chosen_again() -> None:
    running = pl.DataFrame(
        [
            {"user_id": f"u00{number}", "episode": date(2024, 3, 25), "arm": arm, "play": "gift", "next_step": "give",
             "style": "old"}
            for number, arm in enumerate(("contact", "holdout", "contact", "contact"))
        ]
    )  # fmt: skip
    people = listed([{}, {}, {"duty": True}, {}, {}])
    excluded = pl.Series("excluded_by", ["cool_down", None, None, "opted_out", None], dtype=pl.String)
    made = chosen(people, OFFERS, policy(rule="capacity", capacity_users=1), HOLDOUT, 0, excluded, valued=True,
                  running=running).listed.sort("user_id")  # fmt: skip
    first = made.to_dicts()[0]
    assert (first["action"], first["arm"], first["new"], first["episode"]) == (
        "contact",
        "contact",
        False,
        date(2024, 3, 25),
    )
    assert (first["play"], first["play_now"], first["next_step"], first["style"]) == (
        "gift",
        "call",
        "give",
        "old",
    )
    assert first["goal_text"] is None
    assert made["action"].to_list()[1:4] == ["holdout", "contact", "excluded"]
    assert made["arm"].to_list()[1:4] == ["holdout", None, None]
    assert made["play"].to_list()[2] == "call"
    last = made.to_dicts()[4]
    assert (last["new"], last["episode"], last["style"], last["goal_text"]) == (True, DAY, "new", "a goal")


def test_without_amounts_auto_takes_a_capacity_and_profit_is_refused() -> None:
    users: list[dict[str, object]] = [
        {"expected_revenue": None, "churn_probability": 0.1 * number} for number in range(1, 7)
    ]
    choice = decided(users, valued=False, rule="auto")
    assert choice.rule == "capacity"
    assert choice.listed.filter(pl.col("arm").is_not_null())["user_id"].to_list() == ["u005", "u004", "u003"]
    assert choice.listed["expected_profit"].null_count() == 6
    assert expected_totals(choice)["profit"] is None
    for rule in ("profit", "budget"):
        with pytest.raises(InputError, match=f"policy.rule is {rule}, and the log has no amounts"):
            decided(users, valued=False, rule=rule, budget=1.0)


def test_the_totals_are_of_those_contacted_and_not_of_those_held_out() -> None:
    choice = decided([{} for _ in range(40)])
    contacts = choice.listed.filter(pl.col("action") == "contact").height
    assert 0 < contacts < 40
    totals = expected_totals(choice)
    assert totals["contacts"] == contacts
    assert totals["revenue_kept"] == pytest.approx(contacts * 10.0)
    assert totals["profit"] == pytest.approx(contacts * 9.5)
    report = policy_report(choice, policy(), {})
    assert report["chosen"] == 40
    assert report["curve"][-1]["policy"] == pytest.approx(40 * 9.5)


def test_a_row_that_is_not_to_be_contacted_carries_no_play_step_or_goal() -> None:
    choice = decided([{"expected_revenue": 100.0 * (number % 2)} for number in range(60)])
    filled = choice.listed.with_columns(
        *(pl.lit(None).alias(name) for name in COLUMNS if name not in choice.listed.columns),
    )  # fmt: skip
    made = crm_list(filled, "A", "v")
    contact = made["action"] == "contact"
    assert made.filter(contact)["next_step"].unique().to_list() == ["call them"]
    assert (
        made.filter(~contact).select("play", "next_step", "goal").null_count().row(0)
        == ((~contact).sum(),) * 3
    )


def test_the_summary_in_words_says_what_is_expected_and_assumed() -> None:
    choice = decided([{} for _ in range(4)])
    quality = {"grade": "B", "grade_because": "why", "scored_by": "model", "scored_because": "so"}
    everybody = pl.Series(choice.listed["user_id"])
    with_login = choice.listed.select("user_id", "silent_days")
    beyond = with_login.clear()
    population = population_counts(everybody, beyond, with_login, everybody)
    lines = in_words(list_summary(choice, policy(), 0.25, population | quality))
    assert lines[:2] == ["Grade B: why.", "The log has 4 users: 4 listed."]
    assert "Assumed, not measured: a contact costs 0.5" in lines[-2]
    assert "held out, an effect below" in lines[-1] or "one of the arms is empty" in lines[-1].lower()


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("contact_cost", -1, "policy.contact_cost"),
        ("margin", 1.5, "policy.margin"),
        ("stayers_take_offer", 2, "policy.stayers_take_offer"),
        ("capacity_share", 0, "policy.capacity_share"),
        ("budget", -3, "policy.budget"),
        ("rule", "best", "policy.rule"),
        ("rule", "budget", "budget must be a number"),
    ],
)
def test_a_wrong_value_of_the_policy_is_refused_by_name(
    tmp_path: Path, key: str, value: object, says: str
) -> None:
    parameters(tmp_path, **{f"policy__{key}": value})
    with pytest.raises(InputError, match=says):
        load_params(tmp_path / "params.yaml")
