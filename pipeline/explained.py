"""Login rows told to people: probability, contributions by dimension and reasons in words.

Promise: the profiles on disk and the served model say the same of the same row.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.define import DIMENSIONS, Feature
from features.wording import sentence
from models.contributions import by_dimension, contributions
from models.reasons import NO_REASON, top_reasons
from models.trained import TrainedModel

REASONS = 3
REASON_COLUMNS = tuple(
    f"reason_{rank}{kind}" for rank in range(1, REASONS + 1) for kind in ("", "_text")
)  # reason_1, reason_1_text, reason_2 …
Floats = NDArray[np.float64]


def explained(
    rows: pl.DataFrame, usual: pl.DataFrame | None, trained: TrainedModel, features: Sequence[Feature]
) -> pl.DataFrame:
    """What the model says of each of `rows`, in their order.

    `features` are the model's, in its order; `usual` has each row's user's usual values of them, or is None
    where nobody knows them. Columns: `probability`, `base_log_odds`, one column of log-odds for each
    dimension (0 for one without a feature), then `REASON_COLUMNS`: a feature's name, and its sentence.
    """
    names = [feature.name for feature in features]
    told_rows = rows.select(pl.col(names).cast(pl.Float32))
    values, base = contributions(trained.booster, told_rows)
    dimension_of = {feature.name: feature.dimension for feature in features}
    summed = by_dimension(values, names, dimension_of)
    chosen = top_reasons(values, names, dimension_of, REASONS)
    own = np.full(values.shape, math.nan) if usual is None else _matrix(usual, names)
    reasons = _told(_matrix(told_rows, names), own, chosen, features)
    nothing = np.zeros(rows.height)
    return pl.DataFrame(
        [
            pl.Series("probability", trained.predict(told_rows), dtype=pl.Float64),
            pl.repeat(base, rows.height, dtype=pl.Float64, eager=True).alias("base_log_odds"),
            *(pl.Series(name, summed.get(name, nothing), dtype=pl.Float64) for name in DIMENSIONS),
            *(pl.Series(name, reasons[name], dtype=pl.String) for name in REASON_COLUMNS),
        ]
    )


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


def _told(
    values: Floats, usual: Floats, chosen: NDArray[np.int64], features: Sequence[Feature]
) -> dict[str, list[str | None]]:
    """Reason columns: the name of each chosen feature, and its sentence."""
    columns: dict[str, list[str | None]] = {}
    for rank in range(REASONS):
        picks = chosen[:, rank]
        columns[f"reason_{rank + 1}"] = [None if i == NO_REASON else features[i].name for i in picks]
        columns[f"reason_{rank + 1}_text"] = [
            None if i == NO_REASON else sentence(features[i], float(values[row, i]), float(usual[row, i]))
            for row, i in enumerate(picks)
        ]
    return columns


def _matrix(frame: pl.DataFrame, names: list[str]) -> Floats:
    """(rows, features), missing = NaN."""
    return frame.select(pl.col(names).cast(pl.Float64).fill_null(math.nan)).to_numpy()
