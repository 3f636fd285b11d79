"""95 % intervals by bootstrap over users: the rows of a user are dependent, so they are drawn together.

Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 8. Promise: every interval of the project comes
from the one resampling of users below, and the same rows, number of resamplings and seed give the same figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Floats, Ints
from models.metrics.calibration_error import without_noise
from models.metrics.quality import (
    QUALITIES,
    Ranked,
    bin_residuals,
    log_losses,
    ranked,
    weighted_auc,
    weighted_qualities,
)

_LEVEL = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How often to resample, and from which seed."""

    resamplings: int
    seed: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval; None in all three where the rows are too few or hold one class only."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


def qualities(
    users: pl.Series,
    churned: Floats,
    probability: Floats,
    bootstrap: Bootstrap,
    least_rows: int = 0,
) -> dict[str, Interval]:
    """Each of `quality.QUALITIES`, and `rows`, `users`, `base_rate`.

    Arguments are one entry per row. With fewer than `least_rows` rows, or with one class only, `rows`, `users` and
    `base_rate` are given and the rest is None; without rows `base_rate` is None too. For counts low = high = value.
    Intervals are percentiles of the resamplings, widened to hold the value. Value and interval of the calibration
    error are corrected for the bias of noise (`calibration_error.without_noise`), so the value is below the plug-in
    value of `weighted_qualities`, which rolling origins keep.
    """
    counts = {"rows": _exact(len(churned)), "users": _exact(users.n_unique())}
    if not len(churned):
        return dict.fromkeys(QUALITIES, Interval()) | counts | {"base_rate": Interval()}
    rows = ranked(churned, probability)
    figures = _all_figures if len(churned) >= least_rows else _base_rate
    user = user_codes(users)[rows.order]
    values = figures(rows, np.ones(len(churned)))
    draws = np.array([figures(rows, times[user]) for times in resampled(user, bootstrap)])
    named = zip(("base_rate", *QUALITIES), values, draws.T, strict=False)
    known = {name: interval_of(value, drawn) for name, value, drawn in named}
    base_rate = known.pop("base_rate")
    if known and known["calibration_error"].value is not None:
        residuals = slice(1 + len(QUALITIES), None)
        known["calibration_error"] = Interval(*without_noise(values[residuals], draws[:, residuals]))
    return {name: known.get(name, Interval()) for name in QUALITIES} | counts | {"base_rate": base_rate}


def auc_gain(
    users: pl.Series, churned: Floats, probability: Floats, other: Floats, bootstrap: Bootstrap
) -> Interval:
    """The AUC of `probability` minus that of `other`, on the same rows and resamplings.

    Without rows all values are None."""
    if not len(churned):
        return Interval()
    first, second = ranked(churned, probability), ranked(churned, other)
    user = user_codes(users)

    def gain(times: Floats) -> float:
        weight = times[user]
        return weighted_auc(first, weight[first.order]) - weighted_auc(second, weight[second.order])

    draws = np.array([gain(times) for times in resampled(user, bootstrap)])
    return interval_of(gain(np.ones(users.n_unique())), draws)


def mean_with_interval(users: pl.Series, values: Floats, bootstrap: Bootstrap) -> Interval:
    """The mean of `values` over the rows. Without rows all values are None."""
    if not len(values):
        return Interval()
    user = user_codes(users)
    total, rows = np.bincount(user, weights=values), np.bincount(user).astype(np.float64)
    draws = np.array([(times @ total) / (times @ rows) for times in resampled(user, bootstrap)])
    return interval_of(float(values.mean()), draws)


def log_loss_gain(
    users: pl.Series, churned: Floats, probability: Floats, other: Floats, bootstrap: Bootstrap
) -> Interval:
    """The mean log loss of `other` minus that of `probability`: above 0, `probability` is better."""
    return mean_with_interval(users, log_losses(churned, other) - log_losses(churned, probability), bootstrap)


def user_codes(users: pl.Series) -> Ints:
    """(rows,) the number of each row's user, from 0, in order of the user id."""
    return users.rank("dense").cast(pl.Int64).to_numpy() - 1


def resampled(user: Ints, bootstrap: Bootstrap) -> Iterator[Floats]:
    """How often each user is drawn (users,), once per resampling. Each draws as many users as there are."""
    count = int(user.max()) + 1
    random = np.random.default_rng(bootstrap.seed)
    for _ in range(bootstrap.resamplings):
        yield np.bincount(random.integers(0, count, count), minlength=count).astype(np.float64)


def interval_of(value: float, draws: Floats) -> Interval:
    """`value` with the 2.5 and 97.5 % quantiles of `draws`, widened to hold it; all None if it or all draws are NaN."""
    known = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(known):
        return Interval()
    low, high = np.quantile(known, _LEVEL)
    return Interval(float(value), float(min(low, value)), float(max(high, value)))


def _all_figures(rows: Ranked, weight: Floats) -> Floats:
    """The base rate, the `QUALITIES` and the residual of each bin."""
    parts = (_base_rate(rows, weight), weighted_qualities(rows, weight), bin_residuals(rows, weight))
    return np.concatenate(parts)


def _base_rate(rows: Ranked, weight: Floats) -> Floats:
    return np.array([np.sum(weight * rows.churned) / np.sum(weight)])


def _exact(count: int) -> Interval:
    return Interval(count, count, count)
