"""Columns of a profile: points, standings, causes and plays.

Promise: one row per user, in the order of the input. The columns are the same for every log.
"""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.causes import CAUSES, cause_of
from features.advice.plays import BENEFITS, next_step, play_of
from features.define import DIMENSIONS, Dimension, Feature
from features.wording.sentences import decimals
from models.explanation.peer_reference import PeerPlacement
from models.explanation.points import points
from models.explanation.reasons import NO_REASON
from pipeline.explanation.explain import CAUSE_COLUMNS, Explanation, Reason

Floats = NDArray[np.float64]
_FAR = 2.0


def points_and_standing(
    explanation: Explanation, placement: PeerPlacement, percentiles: Floats
) -> pl.DataFrame:
    """`base_probability, peers, points_DIMENSION, standing_DIMENSION`.

    Points add up to the probability less `base_probability`. A standing is the percentile, 0 to 100, of the dimension's
    contribution among peers: above 50 it raises the user's risk more than it does for most. `percentiles`: (rows,
    DIMENSIONS).
    """
    base = explanation.base_probability
    by_dimension = points(explanation.by_dimension, explanation.slope, explanation.probability - base)
    return pl.DataFrame(
        [
            pl.Series("base_probability", base, dtype=pl.Float64),
            pl.Series("peers", [placement.peers.names[group] for group in placement.group], dtype=pl.String),
            *(
                pl.Series(f"points_{name}", by_dimension[:, i])
                for i, name in enumerate(explanation.dimensions)
            ),
            *(
                pl.Series(f"standing_{name}", percentiles[:, i])
                for i, name in enumerate(explanation.dimensions)
            ),
        ]
    )


def cause_columns(reasons: Sequence[Reason], features: Sequence[Feature]) -> pl.DataFrame:
    """`cause_1..3`: the code of each reason's cause, null when the value is not on the worse side (`_on_worse_side`).

    A missing value has a cause of its own.
    """
    columns = []
    for name, reason in zip(CAUSE_COLUMNS, reasons, strict=True):
        codes = np.full(len(reason.feature), None, dtype=object)
        for i in np.unique(reason.feature[reason.feature != NO_REASON]):
            rows = np.flatnonzero(reason.feature == i)
            value, usual, peers = (numbers[rows] for numbers in (reason.value, reason.usual, reason.peers))
            worse = _on_worse_side(features[i], value, usual, peers)
            codes[rows[worse]] = cause_of(features[i]).code
            codes[rows[worse & np.isnan(value)]] = cause_of(features[i], missing=True).code
        columns.append(pl.Series(name, codes.tolist(), dtype=pl.String))
    return pl.DataFrame(columns)


def play_columns(causes: pl.DataFrame, benefits: Sequence[Dimension | None]) -> pl.DataFrame:
    """`play` (a stable code) and `next_step` (a sentence) for the first cause that stands out; see `benefits_of`."""
    first = causes.select(pl.coalesce(CAUSE_COLUMNS)).to_series()
    plays = [play_of(code) for code in first]
    return pl.DataFrame(
        {
            "play": [play.code for play in plays],
            "next_step": [next_step(play, one) for play, one in zip(plays, benefits, strict=True)],
        },
        schema={"play": pl.String, "next_step": pl.String},
    )


def benefits_of(
    rows: pl.DataFrame, causes: pl.DataFrame, by_dimension: Floats, z_scores: Floats
) -> list[Dimension | None]:
    """For each of `rows` (last login rows) the dimension that the next step builds on, or None.

    It is the dimension that lowers the user's risk most against peers. None of the user's `causes` is of this
    dimension, and the row shows that the user has its benefit. `by_dimension` and `z_scores`: (rows, DIMENSIONS)
    contributions, and their standard scores among peers.
    """
    known = len(DIMENSIONS)  # the silence, which may follow, is nothing to build on
    z_scores = z_scores[:, :known]
    keeps = (by_dimension[:, :known] < 0) & (z_scores < 0)
    for name in causes.columns:
        for index, dimension in enumerate(DIMENSIONS):
            is_cause = causes[name].is_in([cause.code for cause in CAUSES if cause.dimension == dimension])
            keeps[:, index] &= ~is_cause.fill_null(value=False).to_numpy()
    for index, dimension in enumerate(DIMENSIONS):
        benefit = BENEFITS.get(dimension)
        shown_by = {} if benefit is None else benefit.shown_by
        shown = [
            pl.col(name).fill_nan(None) >= least for name, least in shown_by.items() if name in rows.columns
        ]
        if shown:
            has = rows.select(pl.any_horizontal(shown).fill_null(value=False)).to_series()
            keeps[:, index] &= has.to_numpy()
        else:
            keeps[:, index] = False
    best = np.where(keeps, z_scores, np.inf).argmin(axis=1)
    return [DIMENSIONS[index] if keeps[row, index] else None for row, index in enumerate(best)]


def _on_worse_side(feature: Feature, value: Floats, usual: Floats, peers: Floats) -> NDArray[np.bool_]:
    """(rows,) whether the value speaks for the feature's cause.

    It does beyond the mean of `peers`, both rounded as in a sentence. It also does beyond twice (or half) of `usual`,
    the user's usual value. A missing value does too: here the missing value raises the risk. A goal with one value,
    such as "no complaint is open", is an exception: any other value does, and a missing one does not.
    """
    side, goal = feature.worse, feature.goal_value
    if side == "either":
        return np.ones(len(value), dtype=np.bool_)
    digits = decimals(feature)
    rounded, mean = (numbers if digits is None else np.round(numbers, digits) for numbers in (value, peers))
    high = (rounded > mean) | (value > _FAR * usual)
    low = (rounded < mean) | (value < usual / _FAR)
    beyond = np.asarray(high if side == "high" else low)
    if goal is None:
        return np.isnan(value) | beyond
    short_of_goal = ~np.isnan(value) & (value != goal)
    # A clock that a goal sets runs on afterwards: it is nearly always short of the goal.
    is_clock = feature.form in ("days_since", "days_to") and not math.isnan(goal)
    return np.asarray(short_of_goal & beyond if is_clock else short_of_goal)
