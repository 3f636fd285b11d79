"""The columns of a profile beside probability and reasons: points, standing, causes, style and play.

Promise: one row per user in, the same rows out, each with the same columns whatever the log.
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
from models.explanation.peer_norms import PeerPlacement
from models.explanation.points import base_probability, points
from models.explanation.reasons import NO_REASON
from models.learning.calibration import Calibration
from pipeline.explanation.explain import CAUSE_COLUMNS, Explanation, Reason

Floats = NDArray[np.float64]
_FAR = 2.0


def points_and_standing(
    found: Explanation, calibration: Calibration, among: PeerPlacement, place: Floats
) -> pl.DataFrame:
    """`base_probability, peers, points_DIMENSION, standing_DIMENSION`.

    Points add up to the probability less `base_probability`; a standing (`place`, as `models.peers.standing` gives it)
    is the percentile, 0 to 100, of the dimension's contribution among peers: above 50 it raises the user's risk more
    than most.
    """
    base = base_probability(found.base_log_odds, calibration)
    told = points(found.by_dimension, found.slope, found.probability - base)
    return pl.DataFrame(
        [
            pl.repeat(base, len(told), dtype=pl.Float64, eager=True).alias("base_probability"),
            pl.Series("peers", [among.norms.names[group] for group in among.group], dtype=pl.String),
            *(pl.Series(f"points_{name}", told[:, i]) for i, name in enumerate(DIMENSIONS)),
            *(pl.Series(f"standing_{name}", place[:, i]) for i, name in enumerate(DIMENSIONS)),
        ]
    )


def causes_told(reasons: Sequence[Reason], features: Sequence[Feature]) -> pl.DataFrame:
    """`cause_1..3`: the code of each reason's cause, null where the value lies on the right side of what is usual.

    The wrong side is beyond the mean of peers as both are told, or beyond twice (or half) of what is usual for the
    user. A value that is missing counts: that it is missing is then what raises the risk. What can be done away with
    altogether, as an open complaint can, counts whatever is usual; where it is not there it is no cause.
    """
    columns = []
    for name, reason in zip(CAUSE_COLUMNS, reasons, strict=True):
        codes = np.full(len(reason.feature), None, dtype=object)
        for i in np.unique(reason.feature[reason.feature != NO_REASON]):
            mine = np.flatnonzero(reason.feature == i)
            value, own, usual = (one[mine] for one in (reason.value, reason.own, reason.peers))
            wrong = _wrong(features[i], value, own, usual)
            codes[mine[wrong]] = cause_of(features[i]).code
            codes[mine[wrong & np.isnan(value)]] = cause_of(features[i], missing=True).code
        columns.append(pl.Series(name, codes.tolist(), dtype=pl.String))
    return pl.DataFrame(columns)


def plays_told(causes: pl.DataFrame, benefits: Sequence[Dimension | None]) -> pl.DataFrame:
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
    rows: pl.DataFrame, causes: pl.DataFrame, by_dimension: Floats, apart: Floats
) -> list[Dimension | None]:
    """For each of `rows` (last login rows) the dimension that the next step is addressed by; None for none.

    It lowers the user's risk, more than any other against peers, none of the user's `causes` speaks of it, and the
    row shows that the user has it at all. `by_dimension` and `apart`: (rows, DIMENSIONS) contributions and their
    standard scores among peers.
    """
    keeps = (by_dimension < 0) & (apart < 0)
    for name in causes.columns:
        for place, dimension in enumerate(DIMENSIONS):
            spoken = causes[name].is_in([cause.code for cause in CAUSES if cause.dimension == dimension])
            keeps[:, place] &= ~spoken.fill_null(value=False).to_numpy()
    for place, dimension in enumerate(DIMENSIONS):
        benefit = BENEFITS.get(dimension)
        asked = {} if benefit is None else benefit.shown_by
        shown = [
            pl.col(name).fill_nan(None) >= least for name, least in asked.items() if name in rows.columns
        ]
        if shown:
            there = rows.select(pl.any_horizontal(shown).fill_null(value=False)).to_series()
            keeps[:, place] &= there.to_numpy()
        else:
            keeps[:, place] = False
    best = np.where(keeps, apart, np.inf).argmin(axis=1)
    return [DIMENSIONS[place] if keeps[row, place] else None for row, place in enumerate(best)]


def _wrong(feature: Feature, value: Floats, own: Floats, usual: Floats) -> NDArray[np.bool_]:
    side, goal = feature.worse, feature.goal_value
    if side == "either":
        return np.ones(len(value), dtype=np.bool_)
    digits = decimals(feature)
    told, norm = (one if digits is None else np.round(one, digits) for one in (value, usual))
    high = (told > norm) | (value > _FAR * own)
    low = (told < norm) | (value < own / _FAR)
    beyond = np.asarray(high if side == "high" else low)
    if goal is None:
        return np.isnan(value) | beyond
    there = ~np.isnan(value) & (value != goal)  # without a value there is no complaint, no subscription
    # A clock is set anew and runs on: it is never done away with.
    is_clock = feature.form in ("days_since", "days_to") and not math.isnan(goal)
    return np.asarray(there & beyond if is_clock else there)
