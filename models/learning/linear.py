"""A logistic regression of few features, for logs that are too small for trees.

Each feature is a signed logarithm, standardised, with a mark where it is missing. Promise: a row's contributions and
the base add up exactly to its log-odds.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from models import artefacts
from models.arrays import Floats
from models.rows import feature_matrix, labels


@dataclass(frozen=True, slots=True)
class Linear:
    """The fitted regression. `centre`, `spread`, `slope`, `if_missing`: one value per feature, of its logarithm."""

    features: tuple[str, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    slope: tuple[float, ...]
    if_missing: tuple[float, ...]
    base: float

    def contributions(self, rows: pl.DataFrame) -> Floats:
        """(rows, features) log-odds. With `base` they add up to the row's log-odds."""
        logs = _logs(rows, self.features)
        standard = (logs - np.array(self.centre)) / np.array(self.spread)
        return np.where(
            np.isnan(logs), np.array(self.if_missing), np.nan_to_num(standard) * np.array(self.slope)
        )

    def log_odds(self, rows: pl.DataFrame) -> Floats:
        """(rows,) log-odds of churn."""
        return np.asarray(self.base + self.contributions(rows).sum(axis=1), dtype=np.float64)

    def as_text(self) -> str:
        """The regression as JSON; `from_text` gives an equal one."""
        return json.dumps(artefacts.as_json(self), sort_keys=True)


def from_text(text: str) -> Linear:
    """The inverse of `as_text`. Raises DataError when a value is missing or wrong, ValueError when it is no JSON."""
    return artefacts.from_json(Linear, json.loads(text), "linear model")


def fit_linear(rows: pl.DataFrame, features: Sequence[str]) -> Linear:
    """The regression (ridge penalty of scikit-learn's default) on `features` of `rows`, which have both classes."""
    names = tuple(features)
    logs = _logs(rows, names)
    missing = np.isnan(logs)
    known = np.maximum((~missing).sum(axis=0), 1)
    centre = np.where(missing, 0.0, logs).sum(axis=0) / known
    spread = np.sqrt(np.where(missing, 0.0, (logs - centre) ** 2).sum(axis=0) / known)
    spread = np.where(spread > 0, spread, 1.0)
    standard = np.where(missing, 0.0, (logs - centre) / spread)
    model = LogisticRegression(max_iter=1_000).fit(np.hstack([standard, missing]), labels(rows))
    slope, if_missing = np.split(model.coef_[0], 2)
    return Linear(
        features=names,
        centre=tuple(centre.tolist()),
        spread=tuple(spread.tolist()),
        slope=tuple(slope.tolist()),
        if_missing=tuple(if_missing.tolist()),
        base=float(model.intercept_[0]),
    )


def _logs(rows: pl.DataFrame, features: Sequence[str]) -> Floats:
    values = feature_matrix(rows, features).astype(np.float64)
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)), dtype=np.float64)
