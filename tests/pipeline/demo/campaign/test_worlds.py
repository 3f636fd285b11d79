"""Two worlds after one log: equal without an effect, and different only through those who are contacted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.commands.simulate_campaign import Lived, live_on
from pipeline.config.campaign import Campaign
from pipeline.demo.arrays import Ints
from pipeline.demo.campaign.contacts import PLAYS
from pipeline.demo.campaign.worlds import After, differing
from pipeline.demo.output.end_state import EndState
from pipeline.storage.frames import read_table
from pipeline.storage.simulated_state import read_state, write_state
from tests.support.campaigns import (
    CAMPAIGN,
    HORIZON,
    NOTHING,
    end_of_demo,
    listed,
    right_plays,
    silent_users,
    without_friends,
)

STRONG = CAMPAIGN.model_copy(
    update={"effects": CAMPAIGN.effects.model_copy(update=dict.fromkeys(PLAYS, 1.0)), "return_share": 0.5}
)
"""A world in which right plays take their rate away, so that few users show much."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def state(folder: Path) -> EndState:
    return end_of_demo(folder)


def lived(state: EndState, contacted: pl.DataFrame, campaign: Campaign = STRONG, days: int = 28) -> Lived:
    return live_on(contacted, state, HORIZON, campaign, days)


def same_lines(one: After, other: After) -> bool:
    names = one.lines.__slots__
    return all(
        np.array_equal(getattr(one.lines, name), getattr(other.lines, name), equal_nan=name == "amount")
        for name in names
    )


def number_of(user_id: pl.Series) -> Ints:
    return user_id.str.slice(1).cast(pl.Int64).to_numpy()


@pytest.mark.parametrize("action", ["watch", "holdout", "excluded"])
def test_without_contacts_both_worlds_are_the_same(state: EndState, action: str) -> None:
    after = lived(state, listed(state, (action,)))
    assert after.worlds.treated.lines.user.size > 1000
    assert same_lines(after.worlds.untreated, after.worlds.treated)
    assert after.truth["y0"].equals(after.truth["y1"])
    assert after.truth["expected_y0"].equals(after.truth["expected_y1"])
    assert after.truth["revenue0"].equals(after.truth["revenue1"])
    assert after.truth["class"].null_count() == after.truth.height
    assert after.summary["contacted"] == 0


def test_a_user_is_contacted_on_the_first_day_of_an_episode_only(state: EndState) -> None:
    contacts = listed(state, ("contact",))
    day = pl.col("as_of")
    begun = (
        pl.when(pl.int_range(pl.len()) % 3 == 0)
        .then(day)
        .when(pl.int_range(pl.len()) % 3 == 1)
        .then(day.dt.offset_by("-2d"))
    )
    truth = lived(state, contacts.with_columns(episode=begun), days=HORIZON).truth
    assert truth["contacted"].to_list() == [number % 3 != 1 for number in range(truth.height)]


def test_contacts_that_change_nothing_change_nothing(state: EndState) -> None:
    after = lived(state, listed(state, ("contact",)), NOTHING)
    assert after.summary["contacted"] == after.truth.height
    assert same_lines(after.worlds.untreated, after.worlds.treated)
    assert after.truth["y0"].equals(after.truth["y1"])
    assert after.truth["expected_y0"].equals(after.truth["expected_y1"])


def test_users_who_know_nobody_live_the_same_unless_they_are_contacted(state: EndState) -> None:
    contacts = listed(state)
    after = lived(without_friends(state), contacts)
    different = differing(after.worlds)
    contacted = number_of(contacts.filter(pl.col("action") == "contact")["user_id"])
    assert different.size > 0
    assert set(different) <= set(contacted)
    assert after.summary["not_contacted_with_other_events"] == 0


def test_only_friends_carry_a_difference_to_others_and_the_summary_counts_them(state: EndState) -> None:
    contacts = listed(state)
    after = lived(state, contacts)
    contacted = set(number_of(contacts.filter(pl.col("action") == "contact")["user_id"]).tolist())
    near = set(contacted)
    while grown := {int(one) for user in near for one in state.world.friend[user] if one >= 0} - near:
        near |= grown
    different = set(differing(after.worlds).tolist())
    assert different <= near
    assert after.summary["not_contacted_with_other_events"] == len(different - contacted)


def test_the_outcome_of_those_not_contacted_is_the_same_in_both_worlds(state: EndState) -> None:
    after = lived(state, listed(state))
    held_out = after.truth.filter(~pl.col("contacted"))
    assert held_out.height > 20
    assert held_out["y0"].equals(held_out["y1"])
    assert after.truth.filter("contacted", pl.col("y0") != pl.col("y1")).height > 0


def test_another_seed_lives_another_life_and_the_same_seed_the_same(state: EndState) -> None:
    contacts = listed(state)
    one, again = lived(state, contacts), lived(state, contacts)
    other = lived(state, contacts, STRONG.model_copy(update={"seed": 2}))
    assert one.events.equals(again.events)
    assert one.truth.equals(again.truth)
    assert not one.events.equals(other.events)
    assert one.truth["expected_y1"].equals(other.truth["expected_y1"])


def test_the_mean_over_many_lives_is_what_is_expected(state: EndState) -> None:
    contacts, lives = listed(state), 30
    seeds = [STRONG.model_copy(update={"seed": 100 + number}) for number in range(lives)]
    truths = [lived(state, contacts, seed, HORIZON).truth for seed in seeds]
    for outcome in ("y0", "y1"):
        chance = truths[0][f"expected_{outcome}"].to_numpy()
        assert ((chance >= 0) & (chance <= 1)).all()
        churned = sum(int(truth[outcome].sum()) for truth in truths)
        spread = np.sqrt(lives * (chance * (1 - chance)).sum())
        assert abs(churned - lives * chance.sum()) < 4 * spread


def test_a_right_play_keeps_users_and_a_wrong_one_drives_some_away(state: EndState) -> None:
    right = listed(state, ("contact",))
    effect = pl.col("expected_y0") - pl.col("expected_y1")
    no_return = CAMPAIGN.model_copy(update={"return_share": 0.0, "settled_ratio": 1.0, "sleeping_ratio": 1.0})
    kept = lived(state, right, no_return, HORIZON).truth.select(effect=effect)["effect"]
    assert kept.min() >= 0
    assert kept.mean() > 0.003
    annoyed = CAMPAIGN.model_copy(update={"return_share": 0.0})
    wrong = right.with_columns(play=pl.lit("listen"))
    lost = lived(state, wrong, annoyed, HORIZON).truth.select(effect=effect)["effect"]
    assert lost.max() <= 0
    assert lost.min() < 0


def test_contacts_bring_back_the_stated_share_of_those_who_have_left(state: EndState) -> None:
    nobody_but_the_gone = NOTHING.model_copy(update={"return_share": 1.0})
    after = lived(state, listed(state, ("contact",)), nobody_but_the_gone)
    came = after.worlds.treated.came[0][number_of(after.truth["user_id"])]
    back = after.truth.filter(pl.Series(came), pl.col("y0"), ~pl.col("y1"))
    assert back.height > 20
    assert after.truth.filter(pl.col("y0") < pl.col("y1")).is_empty()


def test_the_class_says_what_a_contact_changes(state: EndState) -> None:
    after = lived(state, listed(state, ("contact",)))
    names = {"persuadable": (True, False), "sure_thing": (False, False), "lost_cause": (True, True)}
    for name, (without, treated) in names.items():
        of_class = after.truth.filter(pl.col("class") == name)
        assert of_class.height == after.summary["classes"][name] > 0
        assert of_class["y0"].unique().to_list() == [without]
        assert of_class["y1"].unique().to_list() == [treated]


def test_for_a_user_held_out_whose_play_is_known_the_truth_knows_the_contact_too(state: EndState) -> None:
    plays = right_plays(state, silent_users(state))
    held_out = listed(state, ("holdout",)).with_columns(play=pl.Series(plays))
    of_holdout = lived(state, held_out, days=HORIZON).truth
    contacted = lived(state, listed(state, ("contact",)), days=HORIZON).truth
    assert of_holdout["contacted"].any() is False
    assert of_holdout["expected_if_contacted"].equals(contacted["expected_y1"], check_names=False)
    assert of_holdout["expected_y1"].equals(of_holdout["expected_y0"], check_names=False)


def test_events_go_on_where_the_log_ends(state: EndState, folder: Path) -> None:
    log = read_table(folder / "events.parquet")
    events = lived(state, listed(state)).events
    assert events.schema == log.schema
    assert events["event_id"].is_unique().all()
    assert events["event_id"].min() == f"e{state.events:09d}"
    assert state.events == log["event_id"].drop_nulls().str.extract(r"^e(\d+)$").cast(pl.Int64).max() + 1  # type: ignore[operator]
    days = events["at"].str.slice(0, 10)
    assert (days.min(), days.max()) == ("2022-04-01", "2022-04-28")
    assert events["session"].drop_nulls().min() == f"s{state.sessions:08d}"


def test_revenue_is_what_the_events_say_in_euro(state: EndState) -> None:
    after = lived(state, listed(state))
    paid = after.events.filter(pl.col("currency") == "EUR").group_by("user_id")
    euros = paid.agg(paid=pl.col("amount").cast(pl.Float64).sum())
    both = after.truth.join(euros, on="user_id")
    assert both.height > 2
    assert both["revenue1"].to_numpy() == pytest.approx(both["paid"].to_numpy(), abs=0.001)


def test_nobody_on_the_list_is_an_empty_truth(state: EndState) -> None:
    after = lived(state, listed(state).clear())
    assert after.truth.is_empty()
    assert after.summary["of_contacted"] == dict.fromkeys(("expected_y0", "expected_y1", "y0", "y1"))
    assert after.events.height > 1000


def test_the_state_is_read_back_to_the_bit(state: EndState, tmp_path: Path) -> None:
    write_state(state, tmp_path / "state")
    again = read_state(tmp_path / "state")
    for one, other in ((state.people, again.people), (state.world, again.world)):
        for name in one.__slots__:
            before, after = getattr(one, name), getattr(other, name)
            assert before.dtype == after.dtype
            assert np.array_equal(before, after)
    assert replace(again, people=state.people, world=state.world) == state
