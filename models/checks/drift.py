"""Whether the rows to be scored look like those that the model was fitted to.

Population stability index (Siddiqi 2006, "Credit Risk Scorecards", p. 136; its sampling noise: Yurdakul 2018,
"Statistical Properties of Population Stability Index"): sum over bins of (a - e) ln(a / e), e the share of a
bin in training and a its share now. Promise: bins come from training alone, and missing values have a separate bin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from models import artefacts
from models.errors import DataError

Floats = NDArray[np.float64] | NDArray[np.float32]
_BINS = 10
_LEAST_SHARE = 1e-4  # of an empty bin, so that the logarithm is finite


@dataclass(frozen=True, slots=True)
class Reference:
    """The distribution of one column over training rows.

    `edges`: upper ends of all bins but the last; `shares`: of missing values, then of each bin.
    `usual_psi`: of the newest training rows against all training rows, the usual change with season and age of
    the log.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    usual_psi: float


@dataclass(frozen=True, slots=True)
class References:
    """The references of a model: of its features, of its probabilities at login, and the log's kinds and columns."""

    users: int
    score: Reference
    features: Mapping[str, Reference]
    kinds: tuple[str, ...]
    tells: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; `references_from_json` gives equal references."""
        return artefacts.as_json(self)


@dataclass(frozen=True, slots=True)
class Shift:
    """How far one column has moved, its usual shift, and the sampling noise."""

    psi: float
    usual_psi: float
    noise: float
    missing: float
    missing_in_training: float

    def exceeds(self, allowed: float) -> bool:
        """Whether the shift exceeds `allowed` and the usual shift by more than the noise."""
        return self.psi > max(allowed, self.usual_psi) + self.noise

    @property
    def gone(self) -> bool:
        """Whether no row has a value any more, while at least half of the training rows had one."""
        return self.missing == 1.0 and self.missing_in_training <= 0.5


def reference_of(values: Floats, newest: NDArray[np.bool_]) -> Reference:
    """The reference of one column of training rows; `newest` marks those of the last label window.

    At most ten bins of equal mass; a frequent value has a separate bin. Missing = NaN.
    """
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.empty(0)
    shares = shares_of(values, edges)
    usual = psi(shares, shares_of(values[newest], edges)) if newest.any() else 0.0
    return Reference(tuple(edges.tolist()), tuple(shares.tolist()), usual)


def shift_of(values: Floats, reference: Reference, users_then: int, users_now: int) -> Shift:
    """How far `values` of the rows to be scored have moved from `reference`.

    The current shares include half a row per bin, distributed as in training, so that an empty bin among few
    rows does not dominate. Noise: the 95 % quantile of chi-square with bins - 1 degrees of freedom, times
    1/N + 1/M; N and M count users, not rows, since the rows of a user are dependent.
    """
    now, then = shares_of(values, np.asarray(reference.edges)), np.asarray(reference.shares)
    prior = len(then) / 2
    believed = (len(values) * now + prior * then) / (len(values) + prior)
    freedom = max(1, int(np.count_nonzero((then > 0) | (now > 0))) - 1)
    noise = float(chi2.ppf(0.95, freedom) * (1 / max(1, users_then) + 1 / max(1, users_now)))
    return Shift(psi(then, believed), reference.usual_psi, noise, float(now[0]), float(then[0]))


def shares_of(values: Floats, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of missing values, then of each bin; a bin holds its upper end."""
    index = np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="left") + 1)
    counts = np.bincount(index, minlength=len(edges) + 2).astype(np.float64)
    return np.asarray(counts / max(1, len(values)), dtype=np.float64)


def psi(expected: NDArray[np.float64], actual: NDArray[np.float64]) -> float:
    """The index of two lists of shares: 0 when they are equal, never negative."""
    e, a = np.maximum(expected, _LEAST_SHARE), np.maximum(actual, _LEAST_SHARE)
    return float(np.sum((a - e) * np.log(a / e)))


def references_from_json(value: Mapping[str, Any]) -> References:
    """The inverse of `References.as_json`. Raises DataError when shares and edges do not match."""
    references = artefacts.from_json(References, value, "references")
    for name, reference in {**references.features, "score": references.score}.items():
        _refuse_unlike(name, reference.edges, reference.shares)
    return references


def _refuse_unlike(name: str, edges: Sequence[float], shares: Sequence[float]) -> None:
    rising = all(a < b for a, b in pairwise(edges))
    if len(shares) != len(edges) + 2 or not rising or not 0.999 < sum(shares) < 1.001:
        raise DataError(
            f"references: {name} has {len(edges)} edges and {len(shares)} shares that sum to {sum(shares):.3f}.\n"
            "Expected rising edges and two shares more, that sum to 1.\nTrain again: dvc repro train"
        )
