"""Engagement: how much a user uses the product, 0 to 100, against a reference that stays the same.

A composite index of ranks (OECD & JRC 2008, "Handbook on Constructing Composite Indicators", ranking and
data-driven weights): each component becomes its mid-rank among the rows of the training period, and the weights are
those of a logistic regression of return on these ranks in which no weight is below 0.
Promise: the reference is fitted once and kept, so two days compare, and a decline of everybody shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import expit

from models import artefacts
from models.arrays import Floats
from models.learning.split import Period
from models.rows import feature_matrix, labels
from models.thinning import step_to_at_most

LEAST_LOGINS = 3
"""With fewer login days so far a user is too little known: no engagement."""
_MOST_ROWS = 200_000
_MOST_VALUES = 1_000
_PENALTY = 1e-3  # ridge, per row: two components that say the same share their weight
_LEAST_WEIGHT = 1e-9


@dataclass(frozen=True, slots=True)
class Component:
    """A component, its weight (all add up to 1), and sorted values of the training period, at most 1,000."""

    name: str
    weight: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What engagement is measured against. `weights`: how they came about; `rows`: those of the period."""

    components: tuple[Component, ...]
    weights: Literal["logistic", "equal"]
    rows: int
    first: date
    last: date

    @property
    def names(self) -> tuple[str, ...]:
        """The components, which are features."""
        return tuple(one.name for one in self.components)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `reference_from_json` gives an equal reference."""
        return artefacts.as_json(self)


def reference_from_json(value: Mapping[str, Any]) -> Reference:
    """The inverse of `Reference.as_json`. Raises DataError with the wrong key."""
    return artefacts.from_json(Reference, value, "engagement")


def fit_reference(rows: pl.DataFrame, names: Sequence[str], period: Period) -> Reference | None:
    """The reference of the components `names` from the login rows of a period; None without components or rows.

    `rows`: ripe login rows with `churned`; those of users with fewer than three logins do not count. Of more than
    200,000 rows every n-th is used. Weights are equal where all rows have the same outcome, or no component speaks for
    return.
    """
    known = rows.filter(pl.col("login_number") >= LEAST_LOGINS)
    if not names or known.is_empty():
        return None
    kept = known.gather_every(step_to_at_most(known.height, _MOST_ROWS))
    matrix = _filled(kept, names)
    samples = [_sample(column) for column in matrix.T]
    ranks = _ranks(matrix, samples)
    fitted = _weights(ranks, 1 - labels(kept))
    equal = np.full(len(names), 1 / len(names))
    weights = equal if fitted is None else fitted
    return Reference(
        tuple(
            Component(name, float(weight), tuple(sample.tolist()))
            for name, weight, sample in zip(names, weights, samples, strict=True)
        ),
        "equal" if fitted is None else "logistic",
        kept.height,
        period.first,
        period.last,
    )


def engagement(rows: pl.DataFrame, reference: Reference | None) -> pl.Series:
    """The engagement of each row, 0 to 100; null without a reference, and below three logins so far.

    `rows`: `login_number` and the components. A component without a value, such as minutes for each login day of a
    month without any, counts as 0.
    """
    if reference is None:
        return pl.Series("engagement", [None] * rows.height, dtype=pl.Float64)
    matrix = _filled(rows, reference.names)
    ranks = _ranks(matrix, [np.array(one.values) for one in reference.components])
    index = 100 * ranks @ np.array([one.weight for one in reference.components])
    enough = rows["login_number"] >= LEAST_LOGINS
    return pl.DataFrame({"engagement": np.clip(index, 0.0, 100.0).round(1)}).select(
        pl.when(enough).then("engagement").alias("engagement")
    )["engagement"]


def _filled(rows: pl.DataFrame, names: Sequence[str]) -> Floats:
    return np.nan_to_num(feature_matrix(rows, names).astype(np.float64), nan=0.0)


def _sample(values: Floats) -> Floats:
    """The sorted values, or of more than 1,000 the middles of 1,000 equal parts."""
    ordered = np.sort(values)
    if len(ordered) <= _MOST_VALUES:
        return ordered
    middles = (np.arange(_MOST_VALUES) + 0.5) * len(ordered) / _MOST_VALUES
    return ordered[middles.astype(np.int64)]


def mid_rank(values: Floats, reference: Floats) -> Floats:
    """The share of the sorted `reference` below each value, plus half of the share equal to it: (rows,), 0 to 1."""
    below = np.searchsorted(reference, values, "left")
    upto = np.searchsorted(reference, values, "right")
    return np.asarray((below + upto) / (2 * len(reference)), dtype=np.float64)


def _ranks(matrix: Floats, samples: Sequence[Floats]) -> Floats:
    return np.column_stack(
        [mid_rank(column, sample) for column, sample in zip(matrix.T, samples, strict=True)]
    )


def _weights(ranks: Floats, returned: Floats) -> Floats | None:
    """The weights of a logistic regression of return, none below 0, adding up to 1; None if there are none."""
    if returned.min() == returned.max():
        return None
    rows, count = ranks.shape

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, score = point[1:], point[0] + ranks @ point[1:]
        error = (expit(score) - returned) / rows
        value = float(np.mean(np.logaddexp(0.0, score) - returned * score) + _PENALTY * weights @ weights)
        return value, np.concatenate([[error.sum()], ranks.T @ error + 2 * _PENALTY * weights])

    bounds = [(None, None), *[(0.0, None)] * count]
    found = minimize(loss, np.zeros(count + 1), jac=True, method="L-BFGS-B", bounds=bounds).x[1:]
    total = float(found.sum())
    return None if total < _LEAST_WEIGHT else np.asarray(found / total, dtype=np.float64)
