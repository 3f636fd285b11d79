"""The actions of a log's features as the search for counterfactuals takes them: what changes, and by how much.

Promise: one thing done counts in every window that holds it. Windows shorter than the action's own stay as they were:
the action is spread over its own window, so a shorter one may be without. The last time lies within that window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.advice.actions import Action, action_for, shape_of, since_of, total_of
from features.define import Feature
from models.explanation.counterfactuals import Move
from pipeline.explanation.effects import (
    AtMost,
    Becomes,
    Effect,
    Follows,
    GrowsAlong,
    GrowsOnce,
    NoWorseThanTarget,
    WorkedOut,
)

Floats = NDArray[np.float64]
_Effects = dict[int, Effect]
"""By the position of a feature, what the action does to it."""
_BETTER = {"low": 1, "high": -1}
_ALMOST = 1e-6  # of a whole amount


def moves_of(features: Sequence[Feature], values: Floats) -> tuple[list[Action], list[Move]]:
    """The actions for those of `features` that can be moved, in words and in numbers.

    `values`: (rows, features) as they occur: features alike in all rows are one thing by two names, and move as one.
    """
    same = _alike(values)
    moves: list[tuple[Action, Move]] = []
    for position, feature in enumerate(features):
        action, better = action_for(feature), _BETTER.get(feature.worse, 0)
        if action is not None and better:
            move = _move(position, action, better, features, same)
            moves += [] if move is None else [(action, move)]
    return [action for action, _ in moves], [move for _, move in moves]


def _move(
    position: int, action: Action, better: int, features: Sequence[Feature], same: Mapping[int, list[int]]
) -> Move | None:
    feature = action.feature
    total, since = total_of(feature), since_of(feature)
    move = Move(position, better, feature.dimension, ReachedByPeers(action, better))
    own: Effect = Follows()
    effects: _Effects
    if feature.goal_value is not None:
        own = Becomes(feature.goal_value)
        effects = _on_same_goal(feature, features)
        move = replace(move, fixed=feature.goal_value)
    elif total is not None:
        if better < 0:
            return None  # what was done cannot be undone
        effects = _on_totals(total.measure, total.days, total.factor, features)
        move = replace(move, offered=MoreByWholeAmounts(action))
    elif since is not None:
        effects = _on_totals_once(since, features)
        move = replace(move, offered=AsRecentlyAsPeers(), never_is_worst=True, by_degrees=False)
    else:
        effects = _on_same_shape(feature, better, features)
    effects.pop(position, None)
    return replace(move, along=_with_same(position, own, effects, same))


@dataclass(frozen=True, slots=True)
class MoreByWholeAmounts:
    """The target of a total: as much more, in whole amounts, as does not go beyond what peers reach."""

    action: Action

    def __call__(self, now: Floats, reached: Floats) -> Floats:
        more = np.where(reached > now, reached - now, 0.0)
        multiple = self.action.coarsely(more)
        rounded = np.floor(more / multiple + _ALMOST) * multiple
        return np.where(rounded > 0, now + rounded, np.nan)


@dataclass(frozen=True, slots=True)
class ReachedByPeers:
    """The target of a value: what peers reach, rounded towards now, where it reads as another value than now.

    No time is below an hour.
    """

    action: Action
    better: int

    def __call__(self, now: Floats, reached: Floats) -> Floats:
        multiple, better = self.action.coarsely(np.abs(np.nan_to_num(reached))), self.better
        rounded = better * np.floor(better * reached / multiple + _ALMOST) * multiple + 0.0
        if self.action.feature.unit == "hours":
            rounded = np.maximum(rounded, 1.0)
        reads_better = better * (self.action.as_read(rounded) - self.action.as_read(now)) > 0
        return np.where(reads_better, rounded, np.nan)


@dataclass(frozen=True, slots=True)
class AsRecentlyAsPeers:
    """The target of days since: as few whole days as peers reach. A value that is missing never happened."""

    def __call__(self, now: Floats, reached: Floats) -> Floats:
        soon = np.where(np.isfinite(reached), np.ceil(reached - _ALMOST), np.nan)
        return np.where(np.isnan(now) | (soon < now), soon, np.nan)


def _on_same_goal(feature: Feature, features: Sequence[Feature]) -> _Effects:
    """Features with the same goal are reached together."""
    return {
        i: Becomes(other.goal_value)
        for i, other in enumerate(features)
        if other.goal == feature.goal and other.goal_value is not None
    }


def _on_totals(measure: str, days: float, factor: float, features: Sequence[Feature]) -> _Effects:
    """The totals of `measure` over windows that hold the action's, and the days since it last happened."""
    effects: _Effects = {}
    for i, feature in enumerate(features):
        total = total_of(feature)
        if total is not None and total.measure == measure and total.days >= days:
            effects[i] = GrowsAlong(total.factor / factor)
        elif since_of(feature) == measure and np.isfinite(days):
            effects[i] = AtMost(days - 1)
    return effects


def _on_totals_once(measure: str, features: Sequence[Feature]) -> _Effects:
    """The totals of `measure`: they grow where their window holds the day of the action."""
    totals = {i: total_of(feature) for i, feature in enumerate(features)}
    return {
        i: GrowsOnce(total.days, total.factor)
        for i, total in totals.items()
        if total is not None and total.measure == measure
    }


def _on_same_shape(feature: Feature, better: int, features: Sequence[Feature]) -> _Effects:
    """The same thing over longer windows, which is no worse; and what is made of the same last known value."""
    shape, days = shape_of(feature)
    roots = set(feature.value.meta.root_names())
    effects: _Effects = {}
    for i, other in enumerate(features):
        its_shape, its_days = shape_of(other)
        if days and its_shape == shape and its_days > days:
            effects[i] = NoWorseThanTarget(better)
        elif feature.value.meta.is_column() and set(other.value.meta.root_names()) == roots:
            effects[i] = WorkedOut(other.value, next(iter(roots)))
    return effects


def _with_same(position: int, own: Effect, effects: _Effects, same: Mapping[int, list[int]]) -> _Effects:
    """`effects`, and the same on the features that are alike those that change; `own`: on the action's feature."""
    along = dict(effects)
    for i, effect in ((position, own), *effects.items()):
        for other in same.get(i, []):
            if other != position:
                along.setdefault(other, effect)
    return along


def _alike(values: Floats) -> dict[int, list[int]]:
    """For each column of `values` the others that are the same in all rows; none for one that never changes."""
    groups: dict[bytes, list[int]] = {}
    for i in range(values.shape[1]):
        column = values[:, i]
        if len(column) and not (np.isnan(column) | (column == column[0])).all():
            groups.setdefault(np.nan_to_num(column, nan=-np.inf).tobytes(), []).append(i)
    return {i: [j for j in group if j != i] for group in groups.values() for i in group}
