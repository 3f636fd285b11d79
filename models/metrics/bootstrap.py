"""95 % intervals by bootstrap over users: a user's rows are drawn together, for they are alike.

Promise: the same rows, number of resamplings and seed give the same figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Floats
from models.metrics.quality import QUALITIES, Ranked, ranked, weighted_auc, weighted_qualities

Quality = dict[str, float | int | None]
_LEVEL = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How often to resample, and from which seed."""

    resamplings: int
    seed: int


def qualities(
    users: pl.Series,
    churned: Floats,
    probability: Floats,
    bootstrap: Bootstrap,
    weight: Floats | None = None,
    least_rows: int = 0,
) -> dict[str, Quality]:
    """Each of `metrics.QUALITIES` and `rows`, `users`, `base_rate` as `{value, low, high}`.

    Arguments are one entry per row; `weight`: how much each counts, without one all alike. Of fewer than
    `least_rows` rows, as of a part that holds one class only, `rows`, `users` and `base_rate`
    are given and the rest is null; of a part without rows, `base_rate` too. For counts low = high = value.
    Intervals are percentiles of the resamplings, widened to hold the value (a resampled calibration error
    is biased upwards).
    """
    counts = {"rows": _exact(len(churned)), "users": _exact(users.n_unique())}
    if not len(churned):
        return {name: _null() for name in QUALITIES} | counts | {"base_rate": _null()}
    rows = ranked(churned, probability)
    own = np.ones(len(churned)) if weight is None else weight[rows.order]
    judged = _judged if len(churned) >= least_rows else _base_rate
    values, draws = (
        judged(rows, own),
        np.array([judged(rows, own * w) for w in _weights(users, rows, bootstrap)]),
    )
    intervals = [_interval(value, draws[:, place]) for place, value in enumerate(values)]
    found = dict(zip(QUALITIES, intervals[1:], strict=False))
    return {name: found.get(name, _null()) for name in QUALITIES} | counts | {"base_rate": intervals[0]}


def auc_gain(
    users: pl.Series, churned: Floats, probability: Floats, other: Floats, bootstrap: Bootstrap
) -> Quality:
    """By how much the AUC of `probability` exceeds that of `other` on the same rows, both drawn alike."""
    ours, theirs = ranked(churned, probability), ranked(churned, other)
    even = np.ones(len(churned))
    value = weighted_auc(ours, even) - weighted_auc(theirs, even)
    pairs = zip(_weights(users, ours, bootstrap), _weights(users, theirs, bootstrap), strict=True)
    return _interval(value, np.array([weighted_auc(ours, a) - weighted_auc(theirs, b) for a, b in pairs]))


def _judged(rows: Ranked, weight: Floats) -> Floats:
    return np.append(_base_rate(rows, weight), weighted_qualities(rows, weight))


def _base_rate(rows: Ranked, weight: Floats) -> Floats:
    return np.array([np.sum(weight * rows.churned) / np.sum(weight)])


def even_by_user(users: pl.Series) -> Floats:
    """A weight per row with which each user counts alike: 1 / rows of the user."""
    return np.asarray(1.0 / users.to_frame("user").select(pl.len().over("user")).to_series().to_numpy())


def _weights(users: pl.Series, rows: Ranked, bootstrap: Bootstrap) -> Iterator[Floats]:
    """How often each place is drawn, once per resampling of as many users as there are."""
    codes = users.rank("dense").cast(pl.Int64).to_numpy() - 1
    count = int(codes.max()) + 1
    user_of_place = codes[rows.order]
    random = np.random.default_rng(bootstrap.seed)
    for _ in range(bootstrap.resamplings):
        times = np.bincount(random.integers(0, count, count), minlength=count).astype(np.float64)
        yield times[user_of_place]


def _interval(value: float, draws: Floats) -> Quality:
    drawn = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(drawn):
        return _null()
    low, high = np.quantile(drawn, _LEVEL)
    return {"value": float(value), "low": float(min(low, value)), "high": float(max(high, value))}


def _exact(count: int) -> Quality:
    return {"value": count, "low": count, "high": count}


def _null() -> Quality:
    return {"value": None, "low": None, "high": None}
