"""Columns of a profile: points, standings, causes, duties, and the benefit that a play builds on.

Promise: one row per user, in the order of the input. The columns are the same for every log.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.benefits import BENEFITS
from features.advice.causes import CAUSES, cause_of
from features.catalogue.roles import OPEN_REQUESTS, REQUEST_WAITS
from features.define import DIMENSIONS, Dimension, Feature
from models.explanation.peer_reference import PeerPlacement
from models.explanation.points import points
from models.explanation.reasons import NO_REASON
from pipeline.explanation.explain import CAUSE_COLUMNS, Explanation, Reason

Floats = NDArray[np.float64]


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


def cause_columns(
    reasons: Sequence[Reason], features: Sequence[Feature], newcomers: NDArray[np.bool_]
) -> pl.DataFrame:
    """`cause_1..3`: the code of each reason's cause; null: no further reason.

    A missing value has a cause of its own. So have `newcomers` (rows,): they cannot come or do less than before.
    """
    columns = []
    for name, reason in zip(CAUSE_COLUMNS, reasons, strict=True):
        codes = np.full(len(reason.feature), None, dtype=object)
        for i in np.unique(reason.feature[reason.feature != NO_REASON]):
            rows = np.flatnonzero(reason.feature == i)
            missing, new = np.isnan(reason.value[rows]), newcomers[rows]
            codes[rows] = cause_of(features[i]).code
            codes[rows[missing]] = cause_of(features[i], missing=True).code
            codes[rows[new]] = cause_of(features[i], newcomer=True).code
        columns.append(pl.Series(name, codes.tolist(), dtype=pl.String))
    return pl.DataFrame(columns)


def duties(rows: pl.DataFrame, answer_days: float) -> pl.Series:
    """Whether a request of the user has been open for `answer_days` days or more; false where the log tells none."""
    if not {OPEN_REQUESTS, REQUEST_WAITS} <= set(rows.columns):
        return pl.Series("duty", [False] * rows.height, dtype=pl.Boolean)
    waits = pl.col(REQUEST_WAITS).fill_nan(None) >= answer_days
    return (
        rows.select(duty=(pl.col(OPEN_REQUESTS).fill_nan(None) > 0) & waits)
        .to_series()
        .fill_null(value=False)
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
        shown_by = BENEFITS.get(dimension, {})
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
