"""A planted effect is found with its uncertainty, and none is found where there is none."""

import numpy as np
import polars as pl
import pytest

from models.effect.episodes import (
    arms_by,
    churn_effect,
    complier_effect,
    first_episodes,
    group_effects,
    outcome_effect,
)
from tests.support.episodes import episodes, true_effect

SEEDS = range(20)


def test_the_interval_holds_the_true_mean_effect_in_17_to_20_of_20_worlds() -> None:
    holds = 0
    for seed in SEEDS:
        rows = episodes(seed)
        effect = churn_effect(rows, 0.05).effect
        assert effect is not None
        holds += effect.low <= true_effect(rows) <= effect.high
    assert holds >= 17


def test_without_an_effect_the_interval_excludes_0_in_at_most_2_of_20_worlds() -> None:
    effects = [churn_effect(episodes(seed, saves=0.0), 0.05).effect for seed in SEEDS]
    assert sum(effect is None or effect.low > 0 or effect.high < 0 for effect in effects) <= 2


def test_episodes_of_the_same_users_do_not_make_the_effect_surer() -> None:
    once = episodes(1, users=500, saves=0.0)
    often = pl.concat([once] * 6)  # each episode of a user ends like the first one
    as_if_many = often.with_columns(user_id=pl.int_range(pl.len()).cast(pl.String))
    effects = [outcome_effect(rows, "churned") for rows in (once, often, as_if_many)]
    errors = [one.standard_error for one in effects if one is not None]
    assert errors[1] == pytest.approx(errors[0], rel=0.03)
    assert errors[2] == pytest.approx(errors[0] / 6**0.5, rel=0.03)


def test_the_adjustment_makes_the_effect_surer_than_the_plain_difference() -> None:
    found = churn_effect(episodes(1), 0.05)
    assert found.effect is not None
    assert found.unadjusted is not None
    assert found.effect.standard_error < found.unadjusted.estimate.standard_error
    assert found.effect.value == pytest.approx(found.unadjusted.estimate.value, abs=0.03)


def test_few_episodes_have_an_interval_and_no_verdict() -> None:
    found = churn_effect(episodes(2, users=300, saves=0.9), 0.05)
    assert found.effect is not None
    assert found.effect.low > 0
    assert found.verdict.says == "not yet"
    assert found.verdict.needs > found.holdout.episodes


def test_enough_episodes_have_a_verdict() -> None:
    assert churn_effect(episodes(3), 0.1).verdict.says == "contact keeps users"


def test_arms_that_were_not_drawn_have_no_effect() -> None:
    rows = episodes(4)
    lost = rows.filter(
        (pl.col("arm") == "contact") | ~pl.col("churned")
    )  # who left was deleted from the holdout
    found = churn_effect(lost, 0.05)
    assert (found.effect, found.unadjusted) == (None, None)
    assert found.because is not None
    assert "where 30.0% were to be" in found.because
    assert not found.verdict.decided


def test_the_play_that_works_is_told_from_the_one_that_does_not() -> None:
    groups = group_effects(episodes(5, users=12_000, saves=0.5), 0.1)
    plays = {one.group: one for one in groups.effects if one.dimension == "play"}
    assert plays["one_step"].verdict.says == "contact keeps users"
    assert plays["say_hello"].verdict.says == "no effect is seen"
    effects = [plays[name].shrunk for name in ("one_step", "new_area", "say_hello")]
    values = [one.value for one in effects if one is not None]
    assert values == sorted(values, reverse=True)
    assert groups.pooled["play"].between > 0.05


def test_a_play_has_an_effect_by_risk_band_that_lies_between_its_own_and_that_of_the_play() -> None:
    groups = group_effects(episodes(5, users=12_000, saves=0.5), 0.1)
    plays = {one.group: one for one in groups.effects if one.dimension == "play"}
    one_step = plays["one_step"]
    assert set(one_step.by_band) == {"medium", "high"}
    high, medium = (one_step.by_band[band].value for band in ("high", "medium"))
    assert one_step.shrunk is not None
    assert medium < one_step.shrunk.value < high  # a share of those who would leave is kept
    assert all(not one.by_band for one in groups.effects if one.dimension != "play")


def test_a_play_with_few_held_out_says_how_many_it_needs() -> None:
    rows = episodes(6, users=1_500)
    few = pl.when(pl.int_range(pl.len()) < 100).then(pl.lit("rare_play")).otherwise("play")
    groups = group_effects(rows.with_columns(play=few), 0.05)
    rare = next(one for one in groups.effects if one.group == "rare_play")
    assert rare.effect is None
    assert rare.too_few is not None
    assert rare.too_few.startswith(f"too few: needs {rare.verdict.needs:,} held out")


def test_without_an_effect_seldom_any_group_has_a_verdict_of_one() -> None:
    wrong = 0
    for seed in SEEDS:
        groups = group_effects(episodes(seed, saves=0.0), 0.2)
        wrong += any(one.verdict.says.startswith("contact") for one in groups.effects)
    assert wrong <= 4


def test_the_effect_on_revenue_is_that_of_the_users_kept() -> None:
    rows = episodes(7, users=8_000, saves=0.6)
    found = outcome_effect(rows, "revenue")
    saved = (
        rows["expected_revenue"].to_numpy() * (rows["y0"].cast(pl.Int8) - rows["y1"].cast(pl.Int8)).to_numpy()
    )
    assert found is not None
    assert found.low <= saved.mean() <= found.high
    assert found.low > 0


def test_an_effect_of_the_contact_is_larger_than_that_of_the_arm_when_some_were_not_reached() -> None:
    holds = 0
    for seed in SEEDS:
        rows = episodes(seed, users=6_000, saves=0.6)
        reached = pl.Series(np.random.default_rng(seed).random(rows.height) < 0.5)
        taken = reached & (rows["arm"] == "contact")
        seen = rows.with_columns(was_contacted=taken, churned=pl.when(taken).then("y1").otherwise("y0"))
        found, arm = complier_effect(seen), churn_effect(seen, 0.05).effect
        assert found is not None
        assert found.effect is not None
        assert arm is not None
        assert found.effect.value == pytest.approx(arm.value / found.contact_share, rel=0.05)
        holds += found.effect.low <= true_effect(rows) <= found.effect.high
    assert holds >= 17


def test_arms_that_were_contacted_as_drawn_need_no_second_effect() -> None:
    rows = episodes(8)
    assert complier_effect(rows.with_columns(was_contacted=pl.col("arm") == "contact")) is None


def test_contacts_that_do_not_follow_the_arms_have_no_effect() -> None:
    rows = episodes(9)
    at_random = pl.Series(np.random.default_rng(9).random(rows.height) < 0.5)
    found = complier_effect(rows.with_columns(was_contacted=at_random))
    assert found is not None
    assert found.effect is None


def test_first_episodes_are_one_a_user() -> None:
    rows = episodes(10, users=50)
    assert first_episodes(pl.concat([rows, rows])).equals(rows)


def test_a_line_counts_both_arms() -> None:
    rows = episodes(11)
    line = arms_by(rows, ["play"]).row(0, named=True)
    part = rows.filter(pl.col("play") == line["play"])
    assert line["contact"] + line["holdout"] == part.height
    assert line["contact_churned"] + line["holdout_churned"] == part["churned"].sum()
