"""How good expected revenues are: the Tweedie deviance, the ratio of totals, and the order of users.

Promise: every method is judged by the deviance of one fixed power, whatever power it was fitted with.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Floats, Ints
from models.metrics.bootstrap import (
    Bootstrap,
    Interval,
    interval_of,
    mean_with_interval,
    resampled,
    user_codes,
)
from models.value.rows import BAND_NAMES

POWER = 1.5
_LEAST = 1e-6
_FLOOR = 0.01


@dataclass(frozen=True, slots=True)
class Totals:
    """Predicted and actual revenue of some rows, in the reporting currency, and their ratio with its interval."""

    rows: int
    users: int
    predicted: float
    actual: float
    ratio: Interval


def floored(predicted: Floats, bands: Ints) -> Floats:
    """`predicted`, at least the first percentile of the positive predictions of its band.

    A prediction of zero has an infinite deviance where there is revenue.
    """
    raised = predicted.copy()
    for band in np.unique(bands):
        of_band = bands == band
        positive = predicted[of_band & (predicted > 0)]
        floor = max(_LEAST, float(np.quantile(positive, _FLOOR))) if len(positive) else _LEAST
        raised[of_band] = np.maximum(predicted[of_band], floor)
    return raised


def deviances(actual: Floats, predicted: Floats) -> Floats:
    """(rows,) the unit deviance of the Tweedie distribution of power 1.5.

    Its mean is `sklearn.metrics.mean_tweedie_deviance` of that power, which gives no single values.
    Source: Jørgensen 1997, "The Theory of Dispersion Models".
    """
    one, two = 1.0 - POWER, 2.0 - POWER
    unit = actual**two / (one * two) - actual * predicted**one / one + predicted**two / two
    return np.asarray(2.0 * unit, dtype=np.float64)


def deviance_gain(
    users: pl.Series, actual: Floats, predicted: Floats, other: Floats, bands: Ints, bootstrap: Bootstrap
) -> Interval:
    """The mean deviance of `other` minus that of `predicted`: above 0, `predicted` is better."""
    loss = [deviances(actual, floored(one, bands)) for one in (other, predicted)]
    return mean_with_interval(users, loss[0] - loss[1], bootstrap)


def gini(actual: Floats, predicted: Floats) -> float | None:
    """How far users with more revenue come first by `predicted`: 1 in the perfect order, about 0 in a random one.

    The Gini coefficient of the Lorenz curve of `actual` in that order, divided by that in its own order. Ties share
    their revenue. None when nobody paid or there is one row.
    """
    best = _lorenz(actual, actual)
    return None if best <= 0 else _lorenz(actual, predicted) / best


def totals(users: pl.Series, actual: Floats, predicted: Floats, bootstrap: Bootstrap) -> Totals:
    """The totals of the rows, with a 95 % interval of the ratio predicted / actual by user bootstrap."""
    ratio = Interval()
    if actual.sum() > 0:
        user = user_codes(users)
        paid, said = (np.bincount(user, weights=one) for one in (actual, predicted))
        with np.errstate(divide="ignore", invalid="ignore"):
            draws = np.array([(times @ said) / (times @ paid) for times in resampled(user, bootstrap)])
        ratio = interval_of(float(predicted.sum() / actual.sum()), np.where(np.isinf(draws), np.nan, draws))
    return Totals(len(actual), users.n_unique(), float(predicted.sum()), float(actual.sum()), ratio)


def by_band(
    users: pl.Series, actual: Floats, predicted: Floats, bands: Ints, bootstrap: Bootstrap
) -> dict[str, Totals]:
    """The totals of each band that has rows."""
    return {
        name: totals(
            users.filter(pl.Series(bands == i)), actual[bands == i], predicted[bands == i], bootstrap
        )
        for i, name in enumerate(BAND_NAMES)
        if (bands == i).any()
    }


def _lorenz(actual: Floats, by: Floats) -> float:
    """The Gini coefficient of `actual` in the order of `by`."""
    if len(actual) < 2 or actual.sum() <= 0:
        return 0.0
    group = np.unique(by, return_inverse=True)[1]
    mean = np.bincount(group, weights=actual) / np.bincount(group)
    ordered = mean[np.sort(group)]
    rank = np.arange(1, len(actual) + 1)
    return float(2.0 * (rank @ ordered) / (len(actual) * ordered.sum()) - (len(actual) + 1) / len(actual))
