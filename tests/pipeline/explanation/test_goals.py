"""A goal fits the play, speaks of the next visit, and is there only for users whom it can help."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from features.advice.actions import action_for
from features.catalogue.available import every_feature
from models.explanation.counterfactuals import NO_MOVE, Goals
from models.explanation.peers import Peers
from models.learning.booster import Capacity, Settings, fit_booster
from models.learning.calibration import IDENTITY
from models.learning.evidence import ENOUGH, THIN, Evidence
from models.learning.trained_model import Card, TrainedModel
from pipeline.explanation.goals import goal_columns, long_ago, reach_of, too_dear, too_many
from tests.support.plays import default_plays
from tests.support.rows import churn_of, day
from tests.support.tables import contract

NAMES = ("minutes_7d", "goals_30d", "days_since_goal", "open_complaints", "answer_hours_last")
FEATURES = [one for one in every_feature(contract().sources()) if one.name in NAMES]
SETTINGS = Settings(1, 1, 0.1, 8, 1.0, 1.0, 60, 20)


@cache
def rows() -> pl.DataFrame:
    """Users who leave the sooner the less they do, the fewer goals they reach, and with a complaint open."""
    random = np.random.default_rng(5)
    minutes, goals, open_ones = (
        random.uniform(0, 60, 4000),
        random.poisson(3, 4000),
        random.random(4000) < 0.2,
    )
    since = np.where(goals > 0, random.integers(0, 30, 4000), 60)
    hours = np.where(random.random(4000) < 0.3, random.uniform(2, 240, 4000), np.nan)
    odds = 0.5 - 0.05 * minutes - 0.4 * goals + 1.1 * open_ones + 0.02 * np.nan_to_num(hours)
    values = (minutes, goals, since, open_ones, hours)
    columns = {name: np.asarray(of, dtype=float) for name, of in zip(NAMES, values, strict=True)}
    return pl.DataFrame(columns | {"churned": random.random(4000) < expit(odds)})


@cache
def trained() -> TrainedModel:
    names = [one.name for one in FEATURES]
    card = Card(
        tuple(names), churn_of(14), SETTINGS, Capacity(8, 20, 1.0, 1, 60, random_thresholds=False), 60, day(0), day(3),
        4000, 0.2, "",
    )  # fmt: skip
    booster = fit_booster(rows(), names, SETTINGS, card.capacity, 60)
    return TrainedModel(booster, IDENTITY, card, Evidence((), {}))


def goal_of(
    values: tuple[float, ...], play: str, **profile: bool | float | str
) -> tuple[str | None, float | None, float | None]:
    """The goal of a user in words, and the numbers with and without it."""
    user = pl.DataFrame([dict(zip(NAMES, values, strict=True))])
    known = {"play": play, "probability": 0.5, "duty": False, "evidence": ENOUGH, "silent_days": 0}
    everyone = Peers(("all",), np.zeros(rows().height, dtype=np.int64))
    reach = reach_of(rows(), FEATURES, everyone)
    made = goal_columns(
        user,
        trained(),
        FEATURES,
        everyone.of_rows(slice(0, 1)),
        reach,
        pl.DataFrame([known | profile]),
        0.14,
        default_plays().goals,
    )
    return made.row(0)


LOST = (2.0, 0.0, 60.0, 0.0, np.nan)


@pytest.mark.parametrize(
    ("play", "speaks_of"),
    [("way_past", "goal"), ("short_visit", "minutes"), ("first_success", "goal")],
)
def test_a_goal_acts_against_the_cause_of_the_play_and_lowers_the_risk_by_a_tenth(
    play: str, speaks_of: str
) -> None:
    text, then, now = goal_of(LOST, play)
    assert text is not None
    assert then is not None
    assert now is not None
    assert speaks_of in text
    assert "% of peers do" in text or "% of peers did" in text
    assert then <= 0.9 * now
    assert now == pytest.approx(trained().predict(pl.DataFrame([dict(zip(NAMES, LOST, strict=True))]))[0])


@pytest.mark.parametrize("play", ["watch", "wait", "local_price", "put_right", "answer_now", "new_company"])
def test_where_nothing_fits_the_play_there_is_no_goal(play: str) -> None:
    assert goal_of(LOST, play) == (None, None, None)  # no complaint is open, and the log knows no contacts


def test_the_open_complaint_is_the_goal_of_its_play_also_for_a_user_below_the_band_with_a_duty() -> None:
    waits = (*LOST[:3], 1.0, np.nan)
    for profile in ({}, {"silent_days": 9}, {"probability": 0.1, "duty": True}):
        assert goal_of(waits, "answer_now", **profile)[0] == "find their request answered when they come back"
    assert goal_of(waits, "answer_now", probability=0.1)[0] is None
    waits_again, waited = (30.0, 2.0, 3.0, 1.0, 150.0), (30.0, 2.0, 3.0, 0.0, 150.0)
    assert goal_of(waits_again, "answer_now")[0] is None  # no sooner answer to the next request
    answered_late = goal_of(waited, "follow_up")[0]
    assert answered_late is not None
    assert answered_late.startswith("get the next answer within ")


def test_with_thin_evidence_or_a_low_risk_or_no_better_peers_there_is_no_goal() -> None:
    assert goal_of(LOST, "way_past", evidence=THIN)[0] is None
    assert goal_of(LOST, "way_past", probability=0.13)[0] is None
    assert goal_of((60.0, 12.0, 0.0, 0.0, np.nan), "short_visit")[0] is None


def test_for_a_user_who_is_away_the_days_begin_with_the_next_visit() -> None:
    here, away = goal_of(LOST, "short_visit"), goal_of(LOST, "short_visit", silent_days=9)
    assert here[1:] == away[1:]
    assert here[0] is not None
    assert away[0] is not None
    assert " more minutes here this week, " in here[0]
    assert " in all, as " in here[0]
    assert away[0].startswith("once back: ")
    assert " minutes here within a week, as " in away[0]
    assert "more" not in away[0]
    assert "in all" not in away[0]


@pytest.mark.parametrize(("days", "islong_ago"), [(30.0, False), (31.0, True)])
def test_what_peers_didlong_ago_is_no_goal(days: float, islong_ago: bool) -> None:  # noqa: FBT001
    everyone = Peers(("all",), np.zeros(rows().height, dtype=np.int64))
    moves = reach_of(rows(), FEATURES, everyone).peers.moves
    clock = next(i for i, move in enumerate(moves) if move.never_is_worst)
    other = next(i for i, move in enumerate(moves) if not move.never_is_worst)
    best = Goals(np.array([clock, other, NO_MOVE]), np.array([days, days, np.nan]), np.ones(3), np.ones(3))
    assert long_ago(best, moves).tolist() == [islong_ago, False, False]


def test_nobody_is_asked_for_more_money_than_half_of_the_peers_pay() -> None:
    named = {one.name: action_for(one) for one in every_feature(contract().sources())}
    actions = [action for action in (named["revenue_30d"], named["goals_30d"]) if action is not None]
    best = Goals(
        np.array([0, 0, 1, NO_MOVE]), np.full(4, 321.0), np.array([0.49, 0.5, 0.3, np.nan]), np.full(4, 0.2)
    )
    assert too_dear(best, actions).tolist() == [True, False, False, False]


def test_nobody_is_asked_for_34_things() -> None:
    named = {one.name: action_for(one) for one in every_feature(contract().sources())}
    actions = [action for action in (named["events_7d"], named["minutes_7d"]) if action is not None]
    best = Goals(
        np.array([0, 0, 1, NO_MOVE]), np.array([34.0, 20.0, 34.0, np.nan]), np.full(4, 0.3), np.full(4, 0.2)
    )
    assert too_many(best, actions).tolist() == [True, False, False, False]
