"""Causes are named where a value lies on the wrong side of the peers' norm, and the play follows the first of them."""

import math

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from features.define import DIMENSIONS, Feature
from models.calibration import IDENTITY
from models.peer_norms import Among, PeerNorms
from models.points import slopes
from models.reasons import NO_REASON, raised
from pipeline.explained import Explanation
from pipeline.profile_columns import causes_told, peers_pay, plays_told, points_and_standing


def feature(name: str, dimension: str, goal_value: float | None = None) -> Feature:
    return Feature(
        name, pl.col(name), dimension, "", "{value:.1f}", goal_value=goal_value  # type: ignore[arg-type]
    )  # fmt: skip


FEATURES = [
    feature("minutes_7d", "intensity"),
    feature("days_since_goal", "progress"),
    feature("days_complaint_waits", "satisfaction", math.nan),
]
NAMES = [one.name for one in FEATURES]
NORMS = PeerNorms(("1",), tuple(NAMES), ("intensity", "progress", "satisfaction"), np.array([[40.0, 7.0, 11.0]]),
                  np.ones((1, 3)))  # fmt: skip


YES, NO = np.array([True]), np.array([False])
CODES = {f"cause_{rank}": pl.String for rank in (1, 2, 3)}


def explained(values: list[float], contributions: list[float]) -> Explanation:
    told = np.array([contributions])
    up = raised(told, NAMES, {one.name: one.dimension for one in FEATURES})
    by_dimension = np.zeros((1, len(DIMENSIONS)))
    for one, value in zip(FEATURES, contributions, strict=True):
        by_dimension[0, DIMENSIONS.index(one.dimension)] = value
    spoken = np.where(up.speaker == NO_REASON, math.nan, np.array([values])[0][np.maximum(up.speaker, 0)])
    slope = slopes(told.sum(axis=1), -1.0, IDENTITY)
    probability = IDENTITY.probability(told.sum(axis=1) - 1.0)
    return Explanation(probability, -1.0, by_dimension, up, slope, spoken, np.full(spoken.shape, math.nan))


@pytest.mark.parametrize(
    ("values", "contributions", "codes"),
    [
        ([10.0, 3.0, math.nan], [0.9, 0.5, 0.1], ["DOES_LESS", None, "SUPPORT_WAITS"]),
        ([90.0, 30.0, math.nan], [0.2, 0.9, 0.0], ["STUCK", None, None]),
        ([90.0, math.nan, math.nan], [0.0, 0.9, 0.0], ["STUCK", None, None]),  # never reached one
        (
            [90.0, 3.0, 5.0],
            [0.0, 0.0, 0.9],
            ["SUPPORT_WAITS", None, None],
        ),  # waits less long than others wait
    ],
)
def test_a_cause_is_what_lies_on_the_wrong_side(
    values: list[float], contributions: list[float], codes: list[str | None]
) -> None:
    found = causes_told(explained(values, contributions), FEATURES, Among(NORMS, np.array([0])))
    by_rank = [found[f"cause_{rank}"][0] for rank in (1, 2, 3)]
    assert sorted(by_rank, key=str) == sorted(codes, key=str)
    first = next((code for code in by_rank if code), None)
    play = plays_told(found, np.zeros((1, len(DIMENSIONS))), YES, YES)["play"][0]
    expected = {"DOES_LESS": "short_visit", "STUCK": "way_past", "SUPPORT_WAITS": "answer_now"}
    assert play == expected[str(first)]


@pytest.mark.parametrize(
    ("causes", "pays", "regular", "benefit"),
    [
        (["ALONE", None, None], YES, YES, "what they pay for"),
        (["ALONE", None, None], NO, YES, "the many things they use"),
        (["ALONE", "NARROW_USE", None], NO, YES, "their regular visits"),
        (["ALONE", "NARROW_USE", None], NO, NO, "what they mostly do"),  # a first login is no habit
        (["ALONE", "NARROW_USE", "COMES_LESS"], NO, YES, "what they mostly do"),
    ],
)
def test_a_step_is_not_addressed_by_what_is_wrong_or_never_was(
    causes: list[str | None], pays: NDArray[np.bool_], regular: NDArray[np.bool_], benefit: str
) -> None:
    apart = {"spending": -3.0, "breadth": -2.0, "rhythm": -1.0}
    scores = np.array([[apart.get(name, 0.5) for name in DIMENSIONS]])
    told = pl.DataFrame([{f"cause_{i}": code for i, code in enumerate(causes, 1)}], schema=CODES)
    step = plays_told(told, scores, pays, regular)["next_step"][0]
    assert step == f"Introduce them to one active group, by way of {benefit}."


def test_nobody_pays_where_peers_paid_nothing_in_all() -> None:
    paid = [feature("minutes_7d", "intensity"), feature("revenue_life", "spending")]
    norms = PeerNorms(("1, never paid", "1, pays"), tuple(f.name for f in paid), ("intensity", "spending"),
                      np.array([[5.0, 0.0], [5.0, 3.0]]), np.ones((2, 2)))  # fmt: skip
    assert peers_pay(paid, Among(norms, np.array([0, 1]))).tolist() == [False, True]
    assert peers_pay(FEATURES, Among(NORMS, np.array([0]))).tolist() == [True]


def test_points_add_up_to_the_probability_less_the_base_rate() -> None:
    found = explained([10.0, 3.0, math.nan], [0.9, -0.5, 0.3])
    told = points_and_standing(
        found, IDENTITY, Among(NORMS, np.array([0])), np.full((1, len(DIMENSIONS)), 50.0)
    )
    points = told.select(pl.sum_horizontal(f"points_{name}" for name in DIMENSIONS)).item()
    assert points == pytest.approx(found.probability[0] - told["base_probability"][0])
    assert told["peers"].to_list() == ["1"]
