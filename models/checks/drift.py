"""Whether the rows to be scored look like those that the model was fitted to.

Population stability index (Siddiqi 2006, "Credit Risk Scorecards", p. 136; its sampling noise: Yurdakul 2018,
"Statistical Properties of Population Stability Index"): sum over bins of (a - e) ln(a / e), e the share of a
bin in training and a its share now. Promise: bins come from training alone, and missing values have a separate bin.

Totals of a lifetime, ages and all that depends on them move as time goes on, though nothing has changed. So the rows to
be scored are compared with the newest period of training, and the movement with the usual one: the largest that
training had between two periods as far apart, lately.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import chi2

from models import artefacts
from models.errors import DataError

Floats = NDArray[np.float64] | NDArray[np.float32]
_BINS = 10
_LEAST_SHARE = 1e-4  # of an empty bin, so that the logarithm is finite
_LEAST_PERIODS, MOST_PERIODS = 4, 8


@dataclass(frozen=True, slots=True)
class Periods:
    """The newest training rows, cut into periods of `step_days` by login day, the newest period first.

    `mean_day`: the mean login day of the newest period, in days since 1970. `users`: of each period the
    `effective_users`; 0 without rows.
    """

    step_days: int
    mean_day: float
    users: tuple[float, ...]

    def steps_to(self, rows: pl.DataFrame) -> float:
        """How many periods the mean login day of `rows` lies after that of the newest period; at least 1."""
        if rows.is_empty():
            return 1.0
        return max(1.0, (_mean_day(rows) - self.mean_day) / self.step_days)


@dataclass(frozen=True, slots=True)
class Reference:
    """The distribution of one column over training rows.

    `edges`: upper ends of all bins but the last; `shares`: of missing values, then of each bin, over all rows.
    `newest`: such shares in the newest of the `Periods`. `usual_by_distance`: for each distance of 1, 2, ... periods,
    the largest index between two periods so far apart.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    newest: tuple[float, ...]
    usual_by_distance: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class References:
    """The references of a model: of its features, of its probabilities at login, and the log's kinds and columns."""

    periods: Periods
    score_periods: Periods
    score: Reference
    features: Mapping[str, Reference]
    kinds: tuple[str, ...]
    tells: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; `references_from_json` gives equal references."""
        return artefacts.as_json(self)


@dataclass(frozen=True, slots=True)
class Shift:
    """How far one column has moved since the newest period of training, its usual shift, and the sampling noise."""

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


def periods_of(
    rows: pl.DataFrame, window_days: int, most: int = MOST_PERIODS
) -> tuple[Periods, NDArray[np.int64]]:
    """The periods of training rows (`user_id, login_day`; at least one), and (rows,) the period of each row.

    A period has `window_days`, or less where four of them would not fit; there are at most `most`. Rows before them
    have the number of periods.
    """
    newest = rows["login_day"].max()
    back = rows.select((pl.lit(newest) - pl.col("login_day")).dt.total_days()).to_series().to_numpy()
    span = int(back.max()) + 1
    step = max(1, min(window_days, span // _LEAST_PERIODS))
    count = min(most, span // step)
    period = np.minimum(back // step, count).astype(np.int64)
    parts = [rows.filter(pl.Series(period == number)) for number in range(count)]
    users = tuple(effective_users(part["user_id"]) for part in parts)
    return Periods(step, _mean_day(parts[0]), users), period


def effective_users(user_id: pl.Series) -> float:
    """The number of users who would give as much evidence if each had the same number of rows (Kish 1965): n² / Σ nᵢ².

    The rows of a user are dependent, so a user with most of the rows makes the shares of bins less sure.
    """
    rows = user_id.value_counts()["count"].cast(pl.Float64).to_numpy()
    return float(rows.sum() ** 2 / np.square(rows).sum()) if len(rows) else 0.0


def reference_of(values: Floats, period: NDArray[np.int64], periods: int) -> Reference:
    """The reference of one column of training rows; `period`: (rows,) as `periods_of` gives it, for `periods` of them.

    At most ten bins, of equal mass in the newest period; a frequent value has a separate bin. Missing = NaN.
    """
    newest = values[period == 0]
    edges = _edges_of(newest if not np.isnan(newest).all() else values)
    shares = shares_of(values, edges)
    return Reference(
        edges=tuple(edges.tolist()),
        shares=tuple(shares.tolist()),
        newest=tuple(_believed(newest, edges, shares).tolist()),
        usual_by_distance=_usual_by_distance(values, period, periods),
    )


def shift_of(values: Floats, reference: Reference, periods: Periods, steps: float, users: float) -> Shift:
    """How far `values` of the rows to be scored have moved from the newest of `periods`.

    `steps`: how many periods later they are. `users`: their effective number of users. Noise: the 95 % quantile of
    chi-square with bins - 1 degrees of freedom, times 1/N + 1/M, the effective numbers of users then and now.
    """
    then, edges = np.asarray(reference.shares), np.asarray(reference.edges)
    now = shares_of(values, edges)
    moved = psi(np.asarray(reference.newest), _believed(values, edges, then))
    freedom = max(1, int(np.count_nonzero((then > 0) | (now > 0))) - 1)
    noise = float(chi2.ppf(0.95, freedom) * (1 / max(1, periods.users[0]) + 1 / max(1, users)))
    return Shift(moved, usual_psi(reference.usual_by_distance, steps), noise, float(now[0]), float(then[0]))


def usual_psi(usual_by_distance: Sequence[float], steps: float) -> float:
    """The largest index at a distance of at most `steps` periods (rounded up); 0 when training had one period.

    If training is shorter than `steps`, its longest distance is extrapolated: the index grows with the distance.
    """
    known = usual_by_distance[: math.ceil(steps)]
    if not known:
        return 0.0
    return max(*known, known[-1] * max(1.0, steps / len(known)))


def _usual_by_distance(values: Floats, period: NDArray[np.int64], periods: int) -> tuple[float, ...]:
    """For each distance 1, 2, ... the largest index between two periods so far apart; 0 where none has rows.

    The newer half of the pairs counts: when a log begins, everything moves further than ever after.
    The bins are those of the earlier period, as they are for the rows to be scored: an index in the bins of the later
    one would be another.
    """
    parts = [values[period == number] for number in range(periods)]
    found: list[list[float]] = [[] for _ in range(periods - 1)]
    for earlier in range(1, periods):
        edges = _edges_of(parts[earlier])
        prior = shares_of(values, edges)
        then = _believed(parts[earlier], edges, prior)
        for later in range(earlier):
            if len(parts[earlier]) and len(parts[later]):
                found[earlier - later - 1].append(psi(then, _believed(parts[later], edges, prior)))
    return tuple(max(some[: (len(some) + 1) // 2], default=0.0) for some in found)


def _edges_of(values: Floats) -> NDArray[np.float64]:
    """The upper ends of all bins but the last, of at most ten bins of equal mass; a frequent value has its own bin."""
    known = values[~np.isnan(values)]
    return np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.empty(0)


def _mean_day(rows: pl.DataFrame) -> float:
    """The mean login day, in days since 1970."""
    return float(rows["login_day"].cast(pl.Int32).to_numpy().mean())


def _believed(values: Floats, edges: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares of `values`, with half a row per bin added, distributed as `prior`.

    So an empty bin among few rows does not dominate.
    """
    weight = len(prior) / 2
    return np.asarray((len(values) * shares_of(values, edges) + weight * prior) / (len(values) + weight))


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
        for shares in (reference.shares, reference.newest):
            _refuse_unlike(name, reference.edges, shares)
    _refuse_other_periods("score", references.score, references.score_periods)
    for name, reference in references.features.items():
        _refuse_other_periods(name, reference, references.periods)
    return references


def _refuse_other_periods(name: str, reference: Reference, periods: Periods) -> None:
    distances = len(reference.usual_by_distance)
    if distances != len(periods.users) - 1:
        raise DataError(
            f"references: {name} has {distances} distances, and there are {len(periods.users)} periods.\n"
            "Train again: dvc repro train"
        )


def _refuse_unlike(name: str, edges: Sequence[float], shares: Sequence[float]) -> None:
    rising = all(a < b for a, b in pairwise(edges))
    if len(shares) != len(edges) + 2 or not rising or not 0.999 < sum(shares) < 1.001:
        raise DataError(
            f"references: {name} has {len(edges)} edges and {len(shares)} shares that sum to {sum(shares):.3f}.\n"
            "Expected rising edges and two shares more, that sum to 1.\nTrain again: dvc repro train"
        )
