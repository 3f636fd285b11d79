"""The booster of the value model: LightGBM with the Tweedie loss, for amounts of which many are zero.

Promise: the same rows, settings and thread count give the same trees to the byte.
"""

from collections.abc import Sequence
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import polars as pl

from models.arrays import Floats
from models.learning.booster import Settings, capacity, parameters
from models.rows import feature_matrix
from models.thinning import step_to_at_most
from models.value.rows import revenue

_MOST_ROWS = 20_000
_FASTER = 3.0
POWERS = (1.2, 1.5, 1.8)
"""Variance powers to choose from: near 1 amounts are like counts, near 2 like gamma variables."""


def fit_until_no_better(
    rows: pl.DataFrame, validation: pl.DataFrame, features: Sequence[str], settings: Settings, power: float
) -> lgb.Booster:
    """A booster fitted to `rows`, stopped at the lowest Tweedie loss on the later rows `validation`."""
    rows, validation = _thinned(rows), _thinned(validation)
    patience = capacity(_adapted(settings), rows.height).patience_rounds
    data = _dataset(rows, features, settings, power)
    stop = lgb.early_stopping(patience, verbose=False)
    later = data.create_valid(feature_matrix(validation, features), revenue(validation))
    known = _parameters(settings, rows.height, power) | {"metric": "tweedie"}
    return lgb.train(known, data, settings.max_rounds, valid_sets=[later], callbacks=[stop])


def fit_booster(
    rows: pl.DataFrame, features: Sequence[str], settings: Settings, power: float, rounds: int
) -> lgb.Booster:
    """A booster of `rounds` trees on `rows`, as `stayers` gives them."""
    rows = _thinned(rows)
    data = _dataset(rows, features, settings, power)
    return lgb.train(_parameters(settings, rows.height, power), data, rounds)


def predicted_revenue(
    booster: lgb.Booster, rows: pl.DataFrame, features: Sequence[str], threads: int
) -> Floats:
    """The expected revenue of each row, in the reporting currency."""
    if rows.is_empty():
        return np.empty(0)
    return np.asarray(booster.predict(feature_matrix(rows, features), num_threads=threads), dtype=np.float64)


def _dataset(rows: pl.DataFrame, features: Sequence[str], settings: Settings, power: float) -> lgb.Dataset:
    return lgb.Dataset(
        feature_matrix(rows, features),
        revenue(rows),
        feature_name=list(features),
        params=_parameters(settings, rows.height, power),
    )


def _parameters(settings: Settings, rows: int, power: float) -> dict[str, object]:
    adapted = _adapted(settings)
    return parameters(adapted, capacity(adapted, rows)) | {
        "objective": "tweedie",
        "tweedie_variance_power": power,
    }


def _adapted(settings: Settings) -> Settings:
    """Half the leaves and steps three times as large: the rows of one user resemble each other."""
    return replace(
        settings,
        leaves=max(2, settings.leaves // 2),
        learning_rate=min(1.0, settings.learning_rate * _FASTER),
        patience_rounds=max(5, round(settings.patience_rounds / _FASTER)),
    )


def _thinned(rows: pl.DataFrame) -> pl.DataFrame:
    """Every n-th of the rows, which are in order of users and days, so that some 20,000 are left."""
    return rows.gather_every(step_to_at_most(rows.height, _MOST_ROWS))
