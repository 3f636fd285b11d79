"""The actions of a log's features as moves for the search for counterfactuals: what changes, and by how much.

Promise: an action counts in every window that holds it. It is spread over its own window, so shorter windows do not
change. The last time lies within its own window.
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
"""Position of a feature to the effect of the action on it."""
_BETTER = {"low": 1, "high": -1}
_ALMOST = 1e-6  # of a whole amount
_NOTICED_WAIT = 2 / 3  # of a wait now


def moves_of(features: Sequence[Feature], values: Floats) -> tuple[list[Action], list[Move]]:
    """The actions for those of `features` that can be moved, in words and in numbers.

    `values`: (rows, features) of all users. Features with equal values in all rows move together.
    """
    same_values = _alike(values)
    moves: list[tuple[Action, Move]] = []
    for position, feature in enumerate(features):
        action, better = action_for(feature), _BETTER.get(feature.worse, 0)
        if action is not None and better:
            move = _move(position, action, better, features, same_values)
            moves += [] if move is None else [(action, move)]
    return [action for action, _ in moves], [move for _, move in moves]


def _move(
    position: int,
    action: Action,
    better: int,
    features: Sequence[Feature],
    same_values: Mapping[int, list[int]],
) -> Move | None:
    feature = action.feature
    total, since = total_of(feature), since_of(feature)
    move = Move(position, better, ReachedByPeers(action, better))
    effect: Effect = Follows()
    effects: _Effects
    if feature.goal_value is not None:
        effect = Becomes(feature.goal_value)
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
    return replace(move, along=_with_same(position, effect, effects, same_values))


@dataclass(frozen=True, slots=True)
class MoreByWholeAmounts:
    """The target of a total: the largest whole amount more that stays within what peers reach."""

    action: Action

    def __call__(self, now: Floats, reached: Floats) -> Floats:
        more = np.where(reached > now, reached - now, 0.0)
        multiple = self.action.coarsely(more)
        rounded = np.floor(more / multiple + _ALMOST) * multiple
        return np.where(rounded > 0, now + rounded, np.nan)


@dataclass(frozen=True, slots=True)
class ReachedByPeers:
    """The target of a value: what peers reach, rounded towards now. NaN when it reads as the same value as now.

    A wait is an hour at least, and a third shorter than now at least: nobody would notice less.
    """

    action: Action
    better: int

    def __call__(self, now: Floats, reached: Floats) -> Floats:
        multiple, better = self.action.coarsely(np.abs(np.nan_to_num(reached))), self.better
        rounded = better * np.floor(better * reached / multiple + _ALMOST) * multiple + 0.0
        if self.action.feature.unit == "hours":
            rounded = np.maximum(rounded, 1.0)
            rounded = np.where(rounded <= _NOTICED_WAIT * now, rounded, np.nan)
        reads_better = better * (self.action.as_read(rounded) - self.action.as_read(now)) > 0
        return np.where(reads_better, rounded, np.nan)


@dataclass(frozen=True, slots=True)
class AsRecentlyAsPeers:
    """The target of days since: as few whole days as peers reach. A missing value never happened."""

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
    """Effects on totals of `measure` over windows at least as long as the action's, and on the days since it."""
    effects: _Effects = {}
    for i, feature in enumerate(features):
        total = total_of(feature)
        if total is not None and total.measure == measure and total.days >= days:
            effects[i] = GrowsAlong(total.factor / factor)
        elif since_of(feature) == measure and np.isfinite(days):
            effects[i] = AtMost(days - 1)
    return effects


def _on_totals_once(measure: str, features: Sequence[Feature]) -> _Effects:
    """Effects on totals of `measure`: they grow when their window holds the day of the action."""
    totals = {i: total_of(feature) for i, feature in enumerate(features)}
    return {
        i: GrowsOnce(total.days, total.factor)
        for i, total in totals.items()
        if total is not None and total.measure == measure
    }


def _on_same_shape(feature: Feature, better: int, features: Sequence[Feature]) -> _Effects:
    """Effects on features of the same shape over longer windows, and on features of the same last known value."""
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


def _with_same(
    position: int, own_effect: Effect, effects: _Effects, same_values: Mapping[int, list[int]]
) -> _Effects:
    """`effects`, extended to features with the same values. `own_effect`: that on the action's own feature."""
    along = dict(effects)
    for i, effect in ((position, own_effect), *effects.items()):
        for other in same_values.get(i, []):
            if other != position:
                along.setdefault(other, effect)
    return along


def _alike(values: Floats) -> dict[int, list[int]]:
    """For each column of `values` that changes, the other columns with the same values in all rows."""
    groups: dict[bytes, list[int]] = {}
    for i in range(values.shape[1]):
        column = values[:, i]
        if len(column) and not (np.isnan(column) | (column == column[0])).all():
            groups.setdefault(np.nan_to_num(column, nan=-np.inf).tobytes(), []).append(i)
    return {i: [j for j in group if j != i] for group in groups.values() for i in group}
