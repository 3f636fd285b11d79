"""The columns of a profile beside probability and reasons: points, standing, causes, style and play.

Promise: one row per user in, the same rows out, each with the same columns whatever the log.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.causes import CAUSES, cause_of, worse
from features.define import DIMENSIONS, Feature
from features.plays import NO_BENEFIT, next_step, play_of
from models.calibration import Calibration
from models.peer_norms import Among
from models.points import base_probability, points
from models.reasons import NO_REASON
from pipeline.explained import PAID, REASONS, Explanation

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_PLACE = {cause.code: DIMENSIONS.index(cause.dimension) for cause in CAUSES}


def points_and_standing(
    found: Explanation, calibration: Calibration, among: Among, place: Floats
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


def causes_told(found: Explanation, features: Sequence[Feature], among: Among) -> pl.DataFrame:
    """`cause_1..3`: the code of each reason's cause, null where the value lies on the right side of the peers' norm.

    A value that is missing counts: that it is missing is then what raises the risk. What can be done away with
    altogether, as an open complaint can, counts whatever is usual.
    """
    columns, at = [], np.arange(len(found.slope))
    for rank, place in enumerate(found.reasons(among).T, start=1):
        codes = np.full(len(at), None, dtype=object)
        speaker = np.where(place == NO_REASON, NO_REASON, found.raised.speaker[at, place])
        value, usual = found.value[at, place], among.usual(speaker)
        for i in np.unique(speaker[speaker != NO_REASON]):
            mine = np.flatnonzero(speaker == i)
            wrong = mine[_wrong(features[i], value[mine], usual[mine])]
            codes[wrong] = cause_of(features[i]).code
        columns.append(pl.Series(f"cause_{rank}", codes.tolist(), dtype=pl.String))
    return pl.DataFrame(columns)


def plays_told(causes: pl.DataFrame, apart: Floats, pays: Flags, regular: Flags) -> pl.DataFrame:
    """`play` (a stable code) and `next_step` (a sentence) for the first cause that stands out.

    `apart`: (rows, DIMENSIONS) standard scores of contributions among peers; the dimension that lowers a
    user's risk most against peers is the benefit the step is addressed by. None is one that a cause of the
    user speaks of, nor what is paid for where `pays` (rows,) says that nobody of the user's peers ever paid, nor
    visits where they are too few to be `regular` (rows,).
    """
    codes = [causes[f"cause_{rank}"] for rank in range(1, REASONS + 1)]
    first = pl.select(pl.coalesce(pl.lit(code) for code in codes)).to_series()
    kept = apart.copy()
    kept[~pays, DIMENSIONS.index("spending")] = np.inf
    kept[~regular, DIMENSIONS.index("rhythm")] = np.inf
    for code in codes:
        there = code.is_not_null().to_numpy()
        kept[there, code.filter(there).replace_strict(_PLACE, return_dtype=pl.Int64).to_numpy()] = np.inf
    most = kept.argmin(axis=1)
    keeps = kept[np.arange(len(most)), most] < 0
    benefit = [DIMENSIONS[i] if known else NO_BENEFIT for i, known in zip(most, keeps, strict=True)]
    plays = [play_of(code) for code in first]
    return pl.DataFrame(
        {
            "play": [play.code for play in plays],
            "next_step": [next_step(play, one) for play, one in zip(plays, benefit, strict=True)],
        },
        schema={"play": pl.String, "next_step": pl.String},
    )


def peers_pay(features: Sequence[Feature], among: Among) -> Flags:
    """(rows,) whether any of a row's peers ever paid; so it is held where the model does not know."""
    names = [feature.name for feature in features]
    if PAID not in names:
        return np.ones(len(among.group), dtype=np.bool_)
    return np.asarray(among.usual(np.full(len(among.group), names.index(PAID))) != 0)


def _wrong(feature: Feature, value: Floats, usual: Floats) -> NDArray[np.bool_]:
    if feature.goal_value is not None:  # what can be done away with altogether is wrong while it is there
        return np.asarray(value != feature.goal_value)
    side = worse(feature)
    if side == "either":
        return np.ones(len(value), dtype=np.bool_)
    return np.isnan(value) | ((value > usual) if side == "high" else (value < usual))
