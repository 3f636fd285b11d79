"""Causes are those of the reasons; a play builds on what keeps the user."""

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
    duties,
    points_and_standing,
)
from pipeline.explanation.explain import Explanation, Reason, told_once
from pipeline.explanation.silence import in_words
from pipeline.explanation.wrong_side import Away, wrong_side
from tests.support.tables import contract

EVERY = every_feature(contract().sources())
CODES = {f"cause_{rank}": pl.String for rank in (1, 2)}


FEATURES = [
    replace(one, value=pl.col(one.name), says="{value:.1f}")
    for one in EVERY
    if one.name in ("minutes_7d", "days_since_goal", "days_complaint_waits")
]
NAMES = [one.name for one in FEATURES]
MEANS = np.array([[40.0, 7.0, 11.0]])
REFERENCE = PeerReference(
    ("1",), tuple(NAMES), ("intensity", "progress", "satisfaction"), MEANS, np.ones((1, 3)), np.ones((1, 3))
)
ALONE = PeerPlacement(REFERENCE, np.array([0]))


def explained(values: list[float], contributions: list[float]) -> Explanation:
    of_features, here = np.array([contributions]), np.array([values])
    unknown = np.full(here.shape, math.nan)
    here_today = Away(np.zeros(1), np.full(1, math.nan), np.full(1, math.nan))
    may_speak = wrong_side(FEATURES, here_today, here, unknown, MEANS, np.ones((1, 3)))
    up = raised(of_features, NAMES, {one.name: one.dimension for one in FEATURES}, may_speak=may_speak)
    by_dimension = np.zeros((1, len(DIMENSIONS)))
    for one, value in zip(FEATURES, contributions, strict=True):
        by_dimension[0, DIMENSIONS.index(one.dimension)] = value
    spoken = np.where(up.speaker == NO_REASON, math.nan, here[0][np.maximum(up.speaker, 0)])
    slope = slopes(of_features.sum(axis=1), -1.0, IDENTITY)
    probability = IDENTITY.probability(of_features.sum(axis=1) - 1.0)
    base = np.full(1, -1.0)
    nothing = np.full(spoken.shape, math.nan)
    return Explanation(
        DIMENSIONS, probability, base, IDENTITY.probability(base), by_dimension, up, slope, up.plain * slope[:, None],
        spoken, nothing, nothing,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "contributions", "codes"),
    [
        ([10.0, 3.0, math.nan], [0.9, 0.5, 0.1], ["DOES_LESS", None, None]),  # no complaint waits
        ([90.0, 30.0, math.nan], [0.2, 0.9, 0.0], ["STUCK", None, None]),
        ([90.0, math.nan, math.nan], [0.0, 0.9, 0.0], ["STUCK", None, None]),  # most peers have reached one
        (
            [90.0, 3.0, 5.0],
            [0.0, 0.0, 0.9],
            ["SUPPORT_WAITS", None, None],
        ),  # waits less long than others wait
        ([10.0, 30.0, 5.0], [0.3, 0.9, 0.8], ["STUCK", "SUPPORT_WAITS", "DOES_LESS"]),
    ],
)
def test_causes_are_those_of_the_reasons(
    values: list[float], contributions: list[float], codes: list[str | None]
) -> None:
    found = cause_columns(explained(values, contributions).reasons(ALONE), FEATURES, np.array([False]))
    assert [found[f"cause_{rank}"][0] for rank in (1, 2, 3)] == codes


def test_a_newcomer_cannot_do_less_than_before() -> None:
    reasons = explained([10.0, 30.0, math.nan], [0.9, 0.1, 0.0]).reasons(ALONE)
    old, new = (
        cause_columns(reasons, FEATURES, np.array([is_new]))["cause_1"][0] for is_new in (False, True)
    )
    assert (old, new) == ("DOES_LESS", "LITTLE_SO_FAR")


def test_what_raises_the_number_by_too_little_is_no_reason() -> None:
    found = explained([10.0, 30.0, math.nan], [0.3, 0.9, 0.0])
    points = np.sort(found.points[0])
    for least, count in ((points[-2] * 0.99, 2), (points[-2] * 1.01, 1), (points[-1] * 1.01, 0)):
        reasons = found.reasons(ALONE, least)
        assert sum(int(reason.feature[0] != NO_REASON) for reason in reasons) == count


def test_what_an_earlier_reason_has_counted_is_not_told_again() -> None:
    names = ("events_90d", "login_days_60d", "sessions_30d", "goals_30d")
    features = [one for name in names for one in EVERY if one.name == name]

    def told(*values: float) -> list[str | None]:
        known = [
            Reason(np.array([i]), np.array([value]), np.array([9.0]), np.array([9.0]))
            for i, value in enumerate(values)
        ]
        found = [int(reason.feature[0]) for reason in told_once(known, features)]
        return [None if i == NO_REASON else features[i].name for i in found]

    assert told(1.0, 1.0, 2.0) == ["events_90d", "sessions_30d", None]
    assert told(1.0, 1.0, 1.0, 1.0) == ["events_90d", "goals_30d", None, None]
    assert told(3.0, 1.0, 2.0, 1.0) == list(names)
    assert told(math.nan, math.nan) == ["events_90d", "login_days_60d"]


def test_a_time_between_visits_is_usual_from_the_third_one_on() -> None:
    assert in_words(9, 700.0, 2) == "has not come for 9 days"
    assert in_words(9, 9.5, 3) == "has not come for 9 days, usually comes every 9 to 10 days"
    assert in_words(2, 162.0, 3) == "last came 2 days ago, usually comes every 5 months"
    assert in_words(9, 700.0, 3) == "last came 9 days ago, usually comes every 1.9 years"


def test_an_open_request_is_a_duty_once_it_has_waited_long_enough() -> None:
    rows = pl.DataFrame(
        {"open_complaints": [0.0, 1.0, 2.0, math.nan], "days_complaint_waits": [9.0, 1.0, 2.0, 9.0]}
    )
    assert duties(rows, 2).to_list() == [False, False, True, False]
    assert duties(rows, 1).to_list() == [False, True, True, False]
    assert duties(rows.drop("open_complaints"), 1).to_list() == [False] * 4


def test_points_add_up_to_the_probability_less_the_base_rate() -> None:
    found = explained([10.0, 3.0, math.nan], [0.9, -0.5, 0.3])
    columns = points_and_standing(found, ALONE, np.full((1, len(DIMENSIONS)), 50.0))
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
