"""What would change it: the smallest realistic change that brings a row's risk below an edge.

Promise: a goal lies within what peers do, moves only what the user can move and only the helpful way, and
takes one feature or two. It is what the model says of such a row, not a promise of what acting brings: features
move together in life, and a user who is led to a number need not become like those who came to it by themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SHARES = (0.6, 0.4, 0.25, 0.1)
"""Shares of peers who do at least as well as a goal asks, the easiest first."""
NO_GOAL = -1
_AT_ONCE = 50_000  # candidates predicted at a time
_MOVED = 4  # features tried for a row: those that raise its risk most


@dataclass(frozen=True, slots=True)
class Norms:
    """What peers do: `at_least` (SHARES, groups, features), the value that such a share of peers reaches.

    `better`: (features,) +1 where more is better, -1 where less is, 0 where a feature cannot be moved.
    """

    at_least: Floats
    better: Ints


@dataclass(frozen=True, slots=True)
class Goals:
    """Per row up to two moves: `features` and `targets` (rows, 2), NO_GOAL and NaN for none.

    `probability`: (rows,) what the model says of the row as moved, NaN without a goal; `share`: (rows,) the
    share of peers behind it.
    """

    features: Ints
    targets: Floats
    probability: Floats
    share: Floats


def norms_of(values: Floats, group: Ints, groups: int, better: Ints) -> Norms:
    """What peers do: quantiles of `values` (rows, features) by group, of known values, as values that occur."""
    at_least = np.full((len(SHARES), groups, values.shape[1]), np.nan)
    for number in range(groups):
        theirs = values[group == number]
        for feature in np.flatnonzero(better):
            known = theirs[~np.isnan(theirs[:, feature]), feature]
            if known.size:
                at_least[:, number, feature] = _reached(known, more_is_better=bool(better[feature] > 0))
    return Norms(at_least, better)


def _reached(known: Floats, *, more_is_better: bool) -> Floats:
    """(SHARES,): the value that each share of `known` reaches."""
    if more_is_better:
        return np.asarray(np.quantile(known, 1 - np.array(SHARES), method="lower"), dtype=np.float64)
    return np.asarray(np.quantile(known, np.array(SHARES), method="higher"), dtype=np.float64)


def goals(
    values: Floats,
    contributions: Floats,
    group: Ints,
    norms: Norms,
    edge: Floats,
    predict: Callable[[Floats], Floats],
) -> Goals:
    """For each of `values` (rows, features) the goal that brings `predict` below `edge` (rows,).

    Tried are the four features that raise the row's risk most and can be moved: alone from the easiest share of peers
    to the hardest, then in pairs likewise. The first that does it counts; among equals, the lowest risk.
    """
    rows = len(values)
    found = Goals(
        np.full((rows, 2), NO_GOAL, dtype=np.int64),
        np.full((rows, 2), np.nan),
        np.full(rows, np.nan),
        np.full(rows, np.nan),
    )
    raising = np.where((norms.better != 0) & (contributions > 0), contributions, 0.0)
    first = np.argsort(-raising, axis=1, kind="stable")[:, :_MOVED]
    movable = np.take_along_axis(raising, first, axis=1) > 0
    for size in (1, 2):
        together = np.array(list(combinations(range(first.shape[1]), size)), dtype=np.int64)
        for level, share in enumerate(SHARES):
            left = np.flatnonzero(np.isnan(found.share) & (movable.sum(axis=1) >= size))
            if not left.size or not len(together):
                continue
            moved = first[left][:, together]  # (left, moves, size)
            targets = np.take_along_axis(
                norms.at_least[level, group[left]], moved.reshape(len(left), -1), axis=1
            ).reshape(moved.shape)
            now = np.take_along_axis(values[left], moved.reshape(len(left), -1), axis=1).reshape(moved.shape)
            better = (targets - now) * norms.better[moved] > 0  # not where either is missing
            fit = np.asarray((better & movable[left][:, together]).all(axis=2))
            risk = _moved_risk(values[left], moved, targets, fit, predict)
            best = risk.argmin(axis=1)
            at = np.arange(len(left))
            done = risk[at, best] < edge[left]
            who, which = left[done], best[done]
            found.features[who, :size] = moved[done, which]
            found.targets[who, :size] = targets[done, which]
            found.probability[who] = risk[done, which]
            found.share[who] = share
    return found


def _moved_risk(
    values: Floats,
    moved: Ints,
    targets: Floats,
    fit: NDArray[np.bool_],
    predict: Callable[[Floats], Floats],
) -> Floats:
    """(rows, moves): what `predict` says of each row with each move made; infinite where it does not `fit`."""
    risk = np.full(fit.shape, np.inf)
    row, move = np.nonzero(fit)
    for start in range(0, len(row), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        candidates = values[row[part]]
        np.put_along_axis(candidates, moved[row[part], move[part]], targets[row[part], move[part]], axis=1)
        risk[row[part], move[part]] = predict(candidates)
    return risk
