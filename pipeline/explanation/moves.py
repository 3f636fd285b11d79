"""The steps of a log's features, as the search for goals takes them: what changes along with what, and by how much.

Promise: one thing done counts in every window that holds it. Windows shorter than a step's own stay as they were (the
step is spread over its own window, so the shorter may be without), and the last time lies within that window.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.actions import Action, action_for, shape_of, since_of, total_of
from features.define import Feature
from models.explanation.counterfactuals import Move

Floats = NDArray[np.float64]
Along = dict[int, Callable[[Floats, Floats, Floats], Floats]]
_BETTER = {"low": 1, "high": -1}


def steps_of(features: Sequence[Feature], values: Floats) -> tuple[list[Action], list[Move]]:
    """The steps for those of `features` that can be moved, in words and in numbers.

    `values`: (rows, features) as they occur: features alike in all rows are one thing by two names, and move as one.
    """
    same = _alike(values)
    told: list[tuple[Action, Move]] = []
    for position, feature in enumerate(features):
        doable, better = action_for(feature), _BETTER.get(feature.worse, 0)
        step = None if doable is None or not better else _step(position, doable, better, features)
        if doable is not None and step is not None:
            told.append((doable, _with_same(step, same)))
    return [doable for doable, _ in told], [step for _, step in told]


def _step(position: int, doable: Action, better: int, features: Sequence[Feature]) -> Move | None:
    feature = doable.feature
    total, since = total_of(feature), since_of(feature)
    if feature.goal_value is not None:
        along = {
            i: _becomes(f.goal_value)
            for i, f in enumerate(features)
            if f.goal == feature.goal and f.goal_value is not None and i != position
        }
        return Move(position, better, feature.dimension, _rounded(doable, better), along, feature.goal_value)
    if total is not None:
        along = _of_measure(total.measure, total.days, total.factor, features, position)
        more = Move(position, better, feature.dimension, _more(doable), along)
        return more if better > 0 else None  # what was done cannot be undone
    if since is not None:
        again = _once_more(since, features)
        return Move(position, better, feature.dimension, _again, again, never_is_worst=True, by_degrees=False)
    along = _of_shape(feature, better, features, position)
    return Move(position, better, feature.dimension, _rounded(doable, better), along)


def _more(doable: Action) -> Callable[[Floats, Floats], Floats]:
    """As much more, in whole amounts, as does not go beyond what peers reach."""

    def offered(now: Floats, reached: Floats) -> Floats:
        more = np.where(reached > now, reached - now, 0.0)
        multiple = doable.coarsely(more)
        rounded = np.floor(more / multiple + 1e-6) * multiple
        return np.where(rounded > 0, now + rounded, np.nan)

    return offered


def _rounded(doable: Action, better: int) -> Callable[[Floats, Floats], Floats]:
    """What peers reach, rounded towards now, where it reads as another value than now; no time below an hour."""

    def offered(now: Floats, reached: Floats) -> Floats:
        multiple = doable.coarsely(np.abs(np.nan_to_num(reached)))
        rounded = better * np.floor(better * reached / multiple + 1e-6) * multiple + 0.0
        if doable.feature.unit == "hours":
            rounded = np.maximum(rounded, 1.0)
        return np.where(better * (doable.as_read(rounded) - doable.as_read(now)) > 0, rounded, np.nan)

    return offered


def _again(now: Floats, reached: Floats) -> Floats:
    """So many days ago as peers reach; a value that is missing never happened."""
    soon = np.where(np.isfinite(reached), np.ceil(reached - 1e-6), np.nan)
    return np.where(np.isnan(now) | (soon < now), soon, np.nan)


def _of_measure(
    measure: str, days: float, factor: float, features: Sequence[Feature], position: int
) -> Along:
    """The other totals of `measure` over windows that hold the step's, and the days since it last happened."""
    along: Along = {}
    for i, feature in enumerate(features):
        total = total_of(feature)
        if total is not None and total.measure == measure and total.days >= days and i != position:
            along[i] = _grows(total.factor / factor)
        elif since_of(feature) == measure and np.isfinite(days):
            along[i] = _at_most(days - 1)
    return along


def _once_more(measure: str, features: Sequence[Feature]) -> Along:
    """The totals of `measure` over windows that hold the day of the step."""
    totals = {i: total_of(feature) for i, feature in enumerate(features)}
    return {
        i: _one_within(total.days, total.factor)
        for i, total in totals.items()
        if total is not None and total.measure == measure
    }


def _of_shape(feature: Feature, better: int, features: Sequence[Feature], position: int) -> Along:
    """The same thing over longer windows, which is no worse; and what is made of the same last known value."""
    shape, days = shape_of(feature)
    roots = set(feature.value.meta.root_names())
    along: Along = {}
    for i, other in enumerate(features):
        its_shape, its_days = shape_of(other)
        if i == position:
            continue
        if days and its_shape == shape and its_days > days:
            along[i] = _no_worse(better)
        elif feature.value.meta.is_column() and set(other.value.meta.root_names()) == roots:
            along[i] = _worked_out(other.value, roots.copy().pop())
    return along


def _becomes(value: float) -> Callable[[Floats, Floats, Floats], Floats]:
    return lambda own, _now, _target: np.full_like(own, value)


def _grows(factor: float) -> Callable[[Floats, Floats, Floats], Floats]:
    return lambda own, now, target: own + factor * (target - now)


def _at_most(days: float) -> Callable[[Floats, Floats, Floats], Floats]:
    return lambda own, _now, _target: np.fmin(own, days)  # never becomes so many days too


def _one_within(days: float, factor: float) -> Callable[[Floats, Floats, Floats], Floats]:
    return lambda own, _now, target: own + factor * (target < days)


def _no_worse(better: int) -> Callable[[Floats, Floats, Floats], Floats]:
    return lambda own, _now, target: np.fmax(own, target) if better > 0 else np.fmin(own, target)


def _worked_out(value: pl.Expr, root: str) -> Callable[[Floats, Floats, Floats], Floats]:
    def moved(_own: Floats, _now: Floats, target: Floats) -> Floats:
        return pl.DataFrame({root: target}).select(value.cast(pl.Float64)).to_series().to_numpy()

    return moved


def _with_same(step: Move, same: Mapping[int, list[int]]) -> Move:
    """`step` with what is alike the features that it moves."""
    own = _becomes(step.fixed) if step.fixed is not None else (lambda _own, _now, target: target)
    along = dict(step.along)
    for i, moved in ((step.feature, own), *step.along.items()):
        for other in same.get(i, []):
            if other != step.feature:
                along.setdefault(other, moved)
    return Move(
        step.feature, step.better, step.kind, step.offered, along, step.fixed, step.never_is_worst, step.by_degrees
    )  # fmt: skip


def _alike(values: Floats) -> dict[int, list[int]]:
    """For each column of `values` the others that are the same in all rows; none for one that never changes."""
    groups: dict[bytes, list[int]] = {}
    for i in range(values.shape[1]):
        column = values[:, i]
        if len(column) and not (np.isnan(column) | (column == column[0])).all():
            groups.setdefault(np.nan_to_num(column, nan=-np.inf).tobytes(), []).append(i)
    return {i: [j for j in group if j != i] for group in groups.values() for i in group}
