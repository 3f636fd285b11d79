"""Mean differences between two predictions of the same rows, with 95 % intervals by user bootstrap.

Promise: both predictions are judged on the very same rows and the very same resamplings.
"""

import numpy as np
import polars as pl

from models.arrays import Floats
from models.metrics.bootstrap import Bootstrap, Quality

_LEVEL = (0.025, 0.975)
_TINY = float(np.finfo(np.float64).eps)


def log_losses(churned: Floats, probability: Floats) -> Floats:
    """The log loss of each row."""
    inside = np.clip(probability, _TINY, 1 - _TINY)
    return np.asarray(-(churned * np.log(inside) + (1 - churned) * np.log1p(-inside)), dtype=np.float64)


def mean_with_interval(users: pl.Series, values: Floats, bootstrap: Bootstrap) -> Quality:
    """The mean of `values` over the rows, and its interval: a user's rows are drawn together.

    Each resampling draws as many users as there are (Efron & Tibshirani 1993, ch. 8). Null without rows.
    """
    if not len(values):
        return {"value": None, "low": None, "high": None}
    codes = users.rank("dense").cast(pl.Int64).to_numpy() - 1
    total, rows = np.bincount(codes, weights=values), np.bincount(codes).astype(np.float64)
    random = np.random.default_rng(bootstrap.seed)
    draws = np.empty(bootstrap.resamplings)
    for i in range(bootstrap.resamplings):
        drawn = random.integers(0, len(total), len(total))
        draws[i] = total[drawn].sum() / rows[drawn].sum()
    low, high = np.quantile(draws, _LEVEL)
    value = float(values.mean())
    return {"value": value, "low": float(min(low, value)), "high": float(max(high, value))}


def log_loss_gain(
    users: pl.Series, churned: Floats, ours: Floats, theirs: Floats, bootstrap: Bootstrap
) -> Quality:
    """By how much the mean log loss of `ours` lies below that of `theirs`: above 0 ours is better."""
    return mean_with_interval(users, log_losses(churned, theirs) - log_losses(churned, ours), bootstrap)
