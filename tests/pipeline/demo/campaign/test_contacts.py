"""A contact lowers the rate that its play is for, annoys a little, and fades."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pipeline.demo.campaign.contacts import PLAYS, Effects, contacts
from pipeline.demo.world import population, state
from pipeline.demo.world.kinds import SOURCES
from pipeline.demo.world.state import World

EFFECTS = Effects(dict.fromkeys(PLAYS, 0.5), 10.0, 1.05, 1.3, -0.5, 0.02)
SETTLED = SOURCES.index("settled")


def world(strongest: str, engagement: float = 0.0, renews_on: int = state.NEVER) -> World:
    """Two equal users whose rate of `strongest` is 0.4, and every other 0.1."""
    rng = np.random.default_rng(1)
    fresh = state.fresh(rng, population.draw(rng, np.zeros(2, dtype=np.int64)))
    rates = np.full((2, len(SOURCES)), 0.1, dtype=np.float32)
    rates[:, SOURCES.index(strongest)] = 0.4
    same = np.full(2, engagement, dtype=np.float32)
    return replace(fresh, rates=rates, engagement=same, renews_on=np.full(2, renews_on, dtype=np.int32))


def answered(world: World, play: str, due: int = 30) -> np.ndarray:
    """By what each rate of a user who is contacted on day 30 is multiplied; the other user is not contacted."""
    answer = contacts(world, 30, pl.Series([play, None]), EFFECTS)
    ones = np.ones((len(SOURCES), 2))
    ratio = answer(np.arange(2), np.full(2, due), ones)
    assert (ratio[:, 1] == 1).all()
    return ratio[:, 0]


@pytest.mark.parametrize(("play", "source"), PLAYS.items())
def test_a_play_lowers_the_rate_that_it_is_for_and_no_other(play: str, source: str) -> None:
    ratio = answered(world(source), play)
    expected = np.ones(len(SOURCES))
    expected[SOURCES.index(source)], expected[SETTLED] = 0.5, 1.05
    assert ratio == pytest.approx(expected)


@pytest.mark.parametrize("play", ["way_past", "listen"])
def test_a_play_for_another_cause_only_annoys(play: str) -> None:
    ratio = answered(world("boredom"), play)
    assert np.delete(ratio, SETTLED) == pytest.approx(1)
    assert ratio[SETTLED] == pytest.approx(1.05)


def test_half_of_the_effect_is_left_after_the_half_life() -> None:
    ratio = answered(world("stuck"), "way_past", due=40)
    assert ratio[SOURCES.index("stuck")] == pytest.approx(0.75)
    assert ratio[SETTLED] == pytest.approx(1.025)


@pytest.mark.parametrize(
    ("engagement", "renews_on", "ratio"),
    [(-1.0, 35, 1.3), (-1.0, 20, 1.05), (-1.0, state.NEVER, 1.05), (0.0, 35, 1.05)],
    ids=["sleeping", "ended", "free", "lively"],
)
def test_a_contact_wakes_those_of_low_engagement_whose_subscription_runs(
    engagement: float, renews_on: int, ratio: float
) -> None:
    assert answered(world("stuck", engagement, renews_on), "listen")[SETTLED] == pytest.approx(ratio)
