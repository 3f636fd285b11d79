"""The booster: LightGBM, heavily regularised, with a capacity that follows the data.

Promise: the same rows, settings and thread count give the same trees to the byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.rows import feature_matrix, labels

_SMALL_ROWS = 20_000  # up to this many rows the settings are used unchanged
_FEW_ROWS = 100_000  # up to this many rows thresholds are random


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings that a person chooses; `capacity` adapts them to the number of rows."""

    seed: int
    threads: int
    learning_rate: float
    leaves: int
    feature_fraction: float
    l2: float
    max_rounds: int
    patience_rounds: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """The complexity of a booster, by the number of its rows."""

    leaves: int
    min_leaf_rows: int
    learning_rate: float
    patience_rounds: int
    default_rounds: int
    random_thresholds: bool
    """Each feature is tried at one random threshold per leaf (extremely randomised trees)."""


def capacity(settings: Settings, rows: int) -> Capacity:
    """The capacity for `rows` training rows, of both classes together.

    With g = rows / 20,000, at least 1:

    - leaves: `settings.leaves` x sqrt(g), at most 8-fold: 8 to 20k rows, 18 at 100k, 56 at a million.
    - rows in a leaf: 0.7 x sqrt(rows), within 20 and 500.
    - learning rate: `settings.learning_rate` x cbrt(g), at most 3-fold and at most 0.3: on many rows
      small steps cost time and gain nothing. Patience shrinks by the same factor.
    - random thresholds (Geurts, Ernst & Wehenkel 2006) up to 100,000 rows: the best threshold of few rows is
      best by chance. At three rolling origins each, two shops gained AUC, one of them log loss too, and the log of
      a code base lost 0.0002. On 180,000 rows of the demo best thresholds were better by 0.002.
    - rounds if there is no validation period: 200 x sqrt(rows / 5,000) with random thresholds, which need more
      rounds, 100 without; within 50 and 1,200 at a rate of 0.03, and in inverse proportion at other rates.
    """
    growth = max(1.0, rows / _SMALL_ROWS)
    rate = min(max(settings.learning_rate, 0.3), settings.learning_rate * min(3.0, growth ** (1 / 3)))
    random_thresholds = rows <= _FEW_ROWS
    rounds = (200 if random_thresholds else 100) * (rows / 5_000) ** 0.5
    bounded = min(1200.0, max(50.0, rounds)) * 0.03 / rate
    return Capacity(
        leaves=round(settings.leaves * min(8.0, growth**0.5)),
        min_leaf_rows=round(min(500.0, max(20.0, 0.7 * rows**0.5))),
        learning_rate=round(rate, 4),
        patience_rounds=max(5, round(settings.patience_rounds * settings.learning_rate / rate)),
        default_rounds=min(settings.max_rounds, max(10, round(bounded))),
        random_thresholds=random_thresholds,
    )


def fit_booster(
    rows: pl.DataFrame, features: Sequence[str], settings: Settings, allowed: Capacity, rounds: int
) -> lgb.Booster:
    """A booster of `rounds` trees on all of `rows` (ripe login rows)."""
    return lgb.train(parameters(settings, allowed), _dataset(rows, features, settings, allowed), rounds)


def fit_until_no_better(
    rows: pl.DataFrame,
    validation: pl.DataFrame,
    features: Sequence[str],
    settings: Settings,
    allowed: Capacity,
) -> lgb.Booster:
    """A booster fitted to `rows`, stopped at the lowest log loss on the later rows `validation`.

    Its `best_iteration` is the number of trees to use.
    """
    data = _dataset(rows, features, settings, allowed)
    validation_set = data.create_valid(feature_matrix(validation, features), labels(validation))
    stop = lgb.early_stopping(allowed.patience_rounds, verbose=False)
    known = parameters(settings, allowed) | {"metric": "binary_logloss"}
    return lgb.train(known, data, settings.max_rounds, valid_sets=[validation_set], callbacks=[stop])


def log_odds(
    booster: lgb.Booster, rows: pl.DataFrame, features: Sequence[str], threads: int
) -> NDArray[np.float64]:
    """The booster's uncalibrated log-odds of churn, one per row."""
    if rows.is_empty():
        return np.empty(0)
    raw = booster.predict(feature_matrix(rows, features), raw_score=True, num_threads=threads)
    return np.asarray(raw, dtype=np.float64)


def _dataset(
    rows: pl.DataFrame, features: Sequence[str], settings: Settings, allowed: Capacity
) -> lgb.Dataset:
    return lgb.Dataset(
        feature_matrix(rows, features),
        labels(rows),
        feature_name=list(features),
        params=parameters(settings, allowed),
    )


def parameters(settings: Settings, allowed: Capacity) -> dict[str, Any]:
    """LightGBM's parameters of a classifier: deterministic to the byte for one number of threads."""
    return {
        "objective": "binary",
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": settings.threads,
        "seed": settings.seed,
        "verbosity": -1,
        "learning_rate": allowed.learning_rate,
        "num_leaves": allowed.leaves,
        "min_data_in_leaf": allowed.min_leaf_rows,
        "feature_fraction": settings.feature_fraction,
        "lambda_l2": settings.l2,
        "extra_trees": allowed.random_thresholds,
    }
