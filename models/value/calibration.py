"""Calibration of expected revenue: a factor for each band of login numbers, from out-of-time totals.

Promise: a band with few users who pay keeps a factor near 1.
"""

import numpy as np
import polars as pl

from models.arrays import Floats, Ints
from models.metrics.bootstrap import user_codes
from models.value.rows import BAND_NAMES

_SPREAD = 0.3
"""Standard deviation of the logarithm of true factors, as expected beforehand."""


def fit_factors(users: pl.Series, actual: Floats, predicted: Floats, bands: Ints) -> tuple[float, ...]:
    """(bands,) actual / predicted revenue, drawn towards 1 by its own uncertainty.

    The logarithm is multiplied by s² / (s² + e²): s is the spread that is expected beforehand, e the standard error,
    by the delta method over users (a normal prior). 1 for a band without revenue.
    """
    return tuple(
        _factor(users.filter(pl.Series(bands == i)), actual[bands == i], predicted[bands == i])
        for i in range(len(BAND_NAMES))
    )


def _factor(users: pl.Series, actual: Floats, predicted: Floats) -> float:
    came, said = float(actual.sum()), float(predicted.sum())
    if came <= 0 or said <= 0:
        return 1.0
    user = user_codes(users)
    paid, expected = (np.bincount(user, weights=one) for one in (actual, predicted))
    error = float(np.sum((paid / came - expected / said) ** 2))
    return float(np.exp(np.log(came / said) * _SPREAD**2 / (_SPREAD**2 + error)))
