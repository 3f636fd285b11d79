"""Login rows told to people: probability, contributions by dimension and reasons in words.

Promise: the profiles on disk and the served model say the same of the same row.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.causes import SYMPTOMS, counts
from features.define import DIMENSIONS, Feature
from features.wording import sentence
from models.contributions import BATCH_ROWS, by_dimension, contributions
from models.peers import Peers, spread_of_peers, usual_of_peers
from models.points import slopes
from models.reasons import NO_REASON, Raised, raised, ranked
from models.trained import TrainedModel

REASONS = 3
REASON_COLUMNS = tuple(
    f"reason_{rank}{kind}" for rank in range(1, REASONS + 1) for kind in ("", "_text")
)  # reason_1, reason_1_text, reason_2 …
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a model says of some rows, as numbers.

    `by_dimension`: (rows, DIMENSIONS), log-odds, 0 for a dimension without a feature; `raised`: what raises the risk;
    `slope`: (rows,) points of probability per log-odds.
    """

    probability: Floats
    base_log_odds: float
    by_dimension: Floats
    raised: Raised
    slope: Floats

    def reasons(self, peers: Peers | None) -> Ints:
        """(rows, REASONS) positions in `raised.dimensions`, NO_REASON for none; against peers if there are any."""
        spread = None if peers is None else spread_of_peers(self.raised.weight, peers)
        return ranked(self.raised, REASONS, spread=spread, symptoms=SYMPTOMS)


def explain(rows: pl.DataFrame, trained: TrainedModel, features: Sequence[Feature]) -> Explanation:
    """What the model says of each of `rows`; contributions of all features are held for BATCH_ROWS at a time."""
    names = [feature.name for feature in features]
    dimension_of = {feature.name: feature.dimension for feature in features}
    weight = {feature.name: counts(feature) for feature in features}
    told_rows, parts, base = rows.select(pl.col(names).cast(pl.Float32)), [], 0.0
    for batch in told_rows.iter_slices(BATCH_ROWS) if rows.height else [told_rows]:
        values, base = contributions(trained.booster, batch)
        summed = by_dimension(values, names, dimension_of)
        nothing = np.zeros(batch.height)
        parts.append(
            (
                np.column_stack([summed.get(dimension, nothing) for dimension in DIMENSIONS]),
                raised(values, names, dimension_of, weight),
            )
        )
    dimensions = np.concatenate([part for part, _ in parts])
    found = [part for _, part in parts]
    together = Raised(
        found[0].dimensions,
        np.concatenate([part.weight for part in found]),
        np.concatenate([part.plain for part in found]),
        np.concatenate([part.speaker for part in found]),
    )
    slope = slopes(dimensions.sum(axis=1), base, trained.calibration)
    return Explanation(trained.predict(told_rows), base, dimensions, together, slope)


def explained(
    rows: pl.DataFrame,
    usual: pl.DataFrame | None,
    trained: TrainedModel,
    features: Sequence[Feature],
    peers: Peers | None = None,
) -> pl.DataFrame:
    """What the model says of each of `rows`, in their order.

    `features` are the model's, in its order; `usual` has each row's user's usual values of them, or is None
    where nobody knows them; without `peers` reasons are ranked and told without them. Columns: `probability`,
    `base_log_odds`, one column of log-odds for each dimension (0 for one without a feature), then
    `REASON_COLUMNS`: a feature's name, and its sentence.
    """
    found = explain(rows, trained, features)
    return numbers_told(found).hstack(reasons_told(found, rows, usual, features, peers))


def numbers_told(found: Explanation) -> pl.DataFrame:
    """`probability`, `base_log_odds` and the dimensions of an explanation."""
    return pl.DataFrame(
        [
            pl.Series("probability", found.probability, dtype=pl.Float64),
            pl.repeat(found.base_log_odds, len(found.slope), dtype=pl.Float64, eager=True).alias(
                "base_log_odds"
            ),
            *(
                pl.Series(name, found.by_dimension[:, i], dtype=pl.Float64)
                for i, name in enumerate(DIMENSIONS)
            ),
        ]
    )


def reasons_told(
    found: Explanation,
    rows: pl.DataFrame,
    usual: pl.DataFrame | None,
    features: Sequence[Feature],
    peers: Peers | None,
) -> pl.DataFrame:
    """`REASON_COLUMNS` of an explanation of `rows`.

    The points that a sentence ends with are those of all that raises the risk in its dimension.
    """
    names = [feature.name for feature in features]
    values = _matrix(rows, names)
    own = np.full(values.shape, math.nan) if usual is None else _matrix(usual, names)
    norm = np.full((1, len(names)), math.nan) if peers is None else usual_of_peers(rows.select(names), peers)
    group = np.zeros(rows.height, dtype=np.int64) if peers is None else peers.group
    columns: list[pl.Series] = []
    for rank, place in enumerate(found.reasons(peers).T, start=1):
        at = np.arange(rows.height)
        speaker = np.where(place == NO_REASON, NO_REASON, found.raised.speaker[at, place])
        points = found.raised.plain[at, place] * found.slope
        texts = [
            None
            if i == NO_REASON
            else sentence(features[i], values[row, i], own[row, i], norm[group[row], i], points[row])
            for row, i in enumerate(speaker)
        ]
        told = [None if i == NO_REASON else names[i] for i in speaker]
        columns += [
            pl.Series(f"reason_{rank}", told, dtype=pl.String),
            pl.Series(f"reason_{rank}_text", texts, dtype=pl.String),
        ]
    return pl.DataFrame(columns)


def features_as_json(features: Sequence[Feature]) -> list[dict[str, Any]]:
    """What a program that only explains must know of each feature."""
    return [
        {
            "name": feature.name,
            "dimension": feature.dimension,
            "unit": feature.unit,
            "sentence": feature.says,
            "sentence_missing": feature.says_missing,
            "actionable": feature.actionable,
        }
        for feature in features
    ]


def features_from_json(told: Sequence[Mapping[str, Any]]) -> tuple[Feature, ...]:
    """What `features_as_json` told; a feature's value is then the column of its name."""
    return tuple(
        Feature(
            name=feature["name"],
            value=pl.col(feature["name"]),
            dimension=feature["dimension"],
            unit=feature["unit"],
            says=feature["sentence"],
            says_missing=feature["sentence_missing"],
            actionable=feature["actionable"],
        )
        for feature in told
    )


def _matrix(frame: pl.DataFrame, names: list[str]) -> Floats:
    """(rows, features), missing = NaN."""
    return frame.select(pl.col(names).cast(pl.Float64).fill_null(math.nan)).to_numpy()
