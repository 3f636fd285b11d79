"""Causes are named where a value lies on the wrong side of the peers' norm, and the play follows the first of them."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from features.catalogue.available import every_feature
from features.define import DIMENSIONS
from models.explanation.peer_reference import PeerPlacement, PeerReference
from models.explanation.points import slopes
from models.explanation.reasons import NO_REASON, raised
from models.learning.calibration import IDENTITY
from pipeline.explanation.causes_and_plays import (
    benefits_of,
    cause_columns,
    play_columns,
    points_and_standing,
)
from pipeline.explanation.explain import Explanation
from tests.support.tables import contract

EVERY = every_feature(contract().sources())
CODES = {f"cause_{rank}": pl.String for rank in (1, 2)}


FEATURES = [
    replace(one, value=pl.col(one.name), says="{value:.1f}")
    for one in EVERY
    if one.name in ("minutes_7d", "days_since_goal", "days_complaint_waits")
]
NAMES = [one.name for one in FEATURES]
REFERENCE = PeerReference(
    ("1",),
    tuple(NAMES),
    ("intensity", "progress", "satisfaction"),
    np.array([[40.0, 7.0, 11.0]]),
    np.ones((1, 3)),
)


def explained(values: list[float], contributions: list[float]) -> Explanation:
    of_features = np.array([contributions])
    up = raised(of_features, NAMES, {one.name: one.dimension for one in FEATURES})
    by_dimension = np.zeros((1, len(DIMENSIONS)))
    for one, value in zip(FEATURES, contributions, strict=True):
        by_dimension[0, DIMENSIONS.index(one.dimension)] = value
    spoken = np.where(up.speaker == NO_REASON, math.nan, np.array([values])[0][np.maximum(up.speaker, 0)])
    slope = slopes(of_features.sum(axis=1), -1.0, IDENTITY)
    probability = IDENTITY.probability(of_features.sum(axis=1) - 1.0)
    base = np.full(1, -1.0)
    return Explanation(
        DIMENSIONS, probability, base, IDENTITY.probability(base), by_dimension, up, slope, spoken,
        np.full(spoken.shape, math.nan),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "contributions", "codes"),
    [
        ([10.0, 3.0, math.nan], [0.9, 0.5, 0.1], ["DOES_LESS", None, None]),  # no complaint waits
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
    found = cause_columns(
        explained(values, contributions).reasons(PeerPlacement(REFERENCE, np.array([0]))), FEATURES
    )
    by_rank = [found[f"cause_{rank}"][0] for rank in (1, 2, 3)]
    assert sorted(by_rank, key=str) == sorted(codes, key=str)
    first = next((code for code in by_rank if code), None)
    play = play_columns(found, [None])["play"][0]
    expected = {"DOES_LESS": "short_visit", "STUCK": "way_past", "SUPPORT_WAITS": "answer_now"}
    assert play == expected[str(first)]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("days_complaint_waits", math.nan, None),
        ("days_complaint_waits", 5.0, "SUPPORT_WAITS"),
        ("open_complaints", 1.0, "SUPPORT_WAITS"),
        ("subscription_running", math.nan, None),  # never had one
        ("subscription_running", 0.0, "SUBSCRIPTION_LAPSES"),
        ("days_to_renewal", 25.0, None),  # of 30, where others have 18 left
        ("days_to_renewal", 3.0, "SUBSCRIPTION_LAPSES"),
        ("days_since_subscription_end", 9.0, "SUBSCRIPTION_LAPSES"),
        ("days_on_onboarding_step", 1.0, None),
        ("sessions_life", 1.0, "LITTLE_SO_FAR"),
        ("sessions_life", 17.0, "LITTLE_SO_FAR"),
        ("sessions_life", 17.96, None),  # 18.0, as many as peers
        ("gap_last_days", 40.0, "COMES_LESS"),
        ("gap_last_days", math.nan, "NEWCOMER"),  # one login has no gap
        ("days_on_onboarding_step", 40.0, "ONBOARDING_STALLS"),
        ("days_on_onboarding_step", math.nan, None),  # has done the last step
    ],
)
def test_what_is_not_there_is_no_cause(name: str, value: float, code: str | None) -> None:
    one = next(feature for feature in EVERY if feature.name == name)
    up = raised(np.array([[0.9]]), [name], {name: one.dimension})
    here = np.array([[value]])
    half, base = np.array([0.5]), np.array([-1.0])
    nothing = np.zeros((1, len(DIMENSIONS)))
    found = Explanation(DIMENSIONS, half, base, half, nothing, up, np.ones(1), here, here)
    reference = PeerReference(("1",), (name,), (one.dimension,), np.array([[18.0]]), np.ones((1, 1)))
    assert cause_columns(found.reasons(PeerPlacement(reference, np.array([0]))), [one])["cause_1"][0] == code


@pytest.mark.parametrize(
    ("value", "own", "code"), [(6.0, 1.5, "STUCK"), (6.0, 4.0, None), (6.0, math.nan, None)]
)
def test_what_is_far_from_the_users_own_usual_is_a_cause_whatever_peers_do(
    value: float, own: float, code: str | None
) -> None:
    found = explained([90.0, value, math.nan], [0.0, 0.9, 0.0])
    known = replace(found, usual=np.where(found.raised.speaker == 1, own, math.nan))
    assert (
        cause_columns(known.reasons(PeerPlacement(REFERENCE, np.array([0]))), FEATURES)["cause_1"][0] == code
    )


def test_points_add_up_to_the_probability_less_the_base_rate() -> None:
    found = explained([10.0, 3.0, math.nan], [0.9, -0.5, 0.3])
    columns = points_and_standing(
        found, PeerPlacement(REFERENCE, np.array([0])), np.full((1, len(DIMENSIONS)), 50.0)
    )
    points = columns.select(pl.sum_horizontal(f"points_{name}" for name in DIMENSIONS)).item()
    assert points == pytest.approx(found.probability[0] - columns["base_probability"][0])
    assert columns["peers"].to_list() == ["1"]


def test_a_benefit_is_what_keeps_a_user_most_and_what_the_user_has() -> None:
    rows = pl.DataFrame({"revenue_life": [0.0, 9.0, 9.0], "days_since_contact": [math.nan, math.nan, 3.0]})
    z_scores = np.zeros((3, len(DIMENSIONS)))
    z_scores[:, DIMENSIONS.index("spending")] = -2.0
    z_scores[:, DIMENSIONS.index("social")] = [-1.0, -1.0, -3.0]
    z_scores[:, DIMENSIONS.index("context")] = -9.0  # nobody comes for that
    causes = pl.DataFrame({"cause_1": [None, "STUCK", None], "cause_2": [None] * 3}, schema_overrides=CODES)
    assert benefits_of(rows, causes, z_scores, z_scores) == [None, "spending", "social"]
    assert benefits_of(rows, causes, -z_scores, z_scores) == [None, None, None]  # it raises the risk
    assert benefits_of(rows.select(other=pl.lit(1.0)), causes, z_scores, z_scores) == [None, None, None]
    wrong = causes.with_columns(cause_2=pl.Series([None, "PAYS_LESS", "ALONE"]))
    assert benefits_of(rows, wrong, z_scores, z_scores) == [None, None, "spending"]
