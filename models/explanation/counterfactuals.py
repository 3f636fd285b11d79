"""What would change it: the smallest realistic step that brings a row's risk below an edge.

Promise: a goal lies within what peers do, is made of one step or of two of different kinds, and the row that the
model judges is the row as the step would leave it: whole amounts, in every feature that the step changes. What the
step leaves alone stays as it is: who does more of one thing is not taken to do more of another. It is what the model
says of such a row, not a promise of what acting brings: features move together in life, and a user who is led to a
number need not become like those who came to it by themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.arrays import Floats, Ints

SHARES = (0.6, 0.4, 0.25, 0.1)
"""Shares of peers who do at least as well as a goal asks, the easiest first."""
NO_MOVE = -1
_PARTS = (0.25, 0.5, 0.75)
"""Of the way that a goal asks, as it is looked for whether less would do."""
_AT_ONCE = 50_000  # candidates predicted at a time
_SINGLE = 1e-6  # of a value: single precision makes 0.2 of 0.20000000298, which is no more than 0.2
_TRIED, _AHEAD = (
    7,
    2,
)  # steps tried for a row, those that undo most of its risk, so many of the wanted kind first


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to be done, measured by `feature` (a position); `better`: 1 where more is better, -1 where less is.

    `kind`: two steps of one kind are never asked for together. `offered(now, reached)`: (rows,) the target that is
    offered where peers reach `reached`, NaN where that is no step. `along`: for each other feature that changes too,
    its new value by its own, by `now` and by the target. `fixed`: the value that the step leads to, whatever peers do
    (NaN: missing); None: as offered. `never_is_worst`: a missing value means that it never happened. `by_degrees`:
    a part of the step is a step.
    """

    feature: int
    better: int
    kind: str
    offered: Callable[[Floats, Floats], Floats]
    along: Mapping[int, Callable[[Floats, Floats, Floats], Floats]] = field(default_factory=dict)
    fixed: float | None = None
    never_is_worst: bool = False
    by_degrees: bool = True

    def target(self, now: Floats, reached: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """(rows,) the target, and whether there is a step to it."""
        if self.fixed is not None:
            return np.full_like(now, self.fixed), np.asarray(~np.isnan(now) & (now != self.fixed))
        target = self.offered(now, reached)
        return target, np.isfinite(target)

    def make(self, values: Floats, rows: Ints, target: Floats) -> None:
        """Make the step in `rows` of `values` (rows, features)."""
        now = values[rows, self.feature]
        for other, moved in self.along.items():
            values[rows, other] = moved(values[rows, other], now, target)
        values[rows, self.feature] = target


@dataclass(frozen=True, slots=True)
class PeerReach:
    """What peers do: for each step and group their values in order, the best first for a step to be told how far."""

    steps: tuple[Move, ...]
    known: tuple[tuple[Floats, ...], ...]

    def reached(self, step: int, share: float) -> Floats:
        """(groups,) the value that such a share of peers reaches, as a value that occurs; NaN where none is known."""
        return np.array(
            [known[max(0, int(np.ceil(share * len(known) - 1e-9)) - 1)] if len(known) else np.nan
             for known in self.known[step]]
        )  # fmt: skip

    def share(self, step: int, group: Ints, target: Floats) -> Floats:
        """(rows,) the share of the peers in each row's `group` who are at `target` at least; NaN for a fixed one."""
        told = np.full(len(target), np.nan)
        better = self.steps[step].better
        for number in np.unique(group) if self.steps[step].fixed is None else ():
            known, mine = self.known[step][number], group == number
            if len(known):
                asked = -better * target[mine] + _SINGLE * np.abs(target[mine])
                told[mine] = np.searchsorted(-better * known, asked, side="right") / len(known)
        return told


@dataclass(frozen=True, slots=True)
class Goals:
    """Per row up to two steps: `steps`, `targets` and `shares` (rows, 2), NO_MOVE and NaN for none.

    `shares`: of peers who are at the target at least; `probability`: (rows,) what the model says of the row
    once that is done, NaN without a goal.
    """

    steps: Ints
    targets: Floats
    shares: Floats
    probability: Floats


def peer_reach_of(values: Floats, group: Ints, groups: int, steps: Sequence[Move]) -> PeerReach:
    """What peers do, by the features that `steps` are measured by, of `values` (rows, features)."""
    told = []
    for step in steps:
        column = values[:, step.feature]
        if step.never_is_worst:
            column = np.where(np.isnan(column), -step.better * np.inf, column)
        theirs = (column[group == number] for number in range(groups))
        told.append(tuple(-step.better * np.sort(-step.better * one[~np.isnan(one)]) for one in theirs))
    return PeerReach(tuple(steps), tuple(told))


def goals(
    values: Floats,
    contributions: Floats,
    group: Ints,
    norms: PeerReach,
    edge: Floats,
    predict: Callable[[Floats], Floats],
    wanted: Sequence[str | None] | None = None,
) -> Goals:
    """For each of `values` (rows, features) the goal that brings `predict` below `edge` (rows,).

    Tried are the seven steps that touch most of what raises the row's risk (`contributions`), two of the row's
    `wanted` kind among them: alone from what most peers reach to what few do, then in pairs of two kinds likewise.
    The first that does it counts, among equals one of the wanted kind, then the one of lowest risk; then as small a
    part of it as does it too.
    """
    rows, steps = len(values), norms.steps
    found = Goals(
        np.full((rows, 2), NO_MOVE, dtype=np.int64), np.full((rows, 2), np.nan), np.full((rows, 2), np.nan),
        np.full(rows, np.nan),
    )  # fmt: skip
    if not steps or not rows:
        return found
    raising = np.clip(contributions, 0.0, None)
    touched = np.column_stack([raising[:, [s.feature, *s.along]].sum(axis=1) for s in steps])
    asked_for = np.array([[kind == step.kind for step in steps] for kind in wanted or [None] * rows])
    ahead = np.zeros_like(asked_for)
    best_two = np.argsort(-np.where(asked_for, touched, -1.0), axis=1, kind="stable")[:, :_AHEAD]
    np.put_along_axis(ahead, best_two, np.take_along_axis(asked_for, best_two, axis=1), axis=1)
    tried = np.lexsort((-touched, ~(ahead & (touched > 0))), axis=1)[:, :_TRIED]
    useful = np.take_along_axis(touched, tried, axis=1) > 0
    serves = np.take_along_axis(asked_for, tried, axis=1)
    kinds = np.unique([step.kind for step in steps], return_inverse=True)[1][tried]
    for size in (1, 2):
        together = np.array(list(combinations(range(tried.shape[1]), size)), dtype=np.int64).reshape(-1, size)
        for share in SHARES:
            left = np.flatnonzero(np.isnan(found.probability))
            if not left.size or not len(together):
                break
            now = values[left]
            targets, fits = _targets(
                now, np.column_stack([norms.reached(s, share) for s in range(len(steps))])[group[left]], steps
            )
            asked = tried[left][:, together]  # (left, choices, size)
            at = np.arange(len(left))[:, None, None]
            fit = (fits[at, asked] & useful[left][:, together]).all(axis=2)
            fit &= (kinds[left][:, together[:, 0]] != kinds[left][:, together[:, -1]]) | (size == 1)
            risk = _risk(now, asked, targets[at, asked], fit, steps, predict)
            does = risk < edge[left][:, None]
            best = np.where(does & serves[left][:, together].any(axis=2), risk - 1, risk).argmin(axis=1)
            done = does[np.arange(len(left)), best]
            who, which = left[done], best[done]
            found.steps[who, :size] = asked[done, which]
            found.targets[who, :size] = np.take_along_axis(targets[done], asked[done, which], axis=1)
            found.probability[who] = risk[done, which]
    _lessen(found, values, edge, steps, predict)
    for number in range(len(steps)):
        row, place = np.nonzero(found.steps == number)
        found.shares[row, place] = norms.share(number, group[row], found.targets[row, place])
    return found


def _targets(now: Floats, reached: Floats, steps: Sequence[Move]) -> tuple[Floats, NDArray[np.bool_]]:
    """(rows, steps) targets where peers reach `reached` (rows, steps), and whether they are steps."""
    told = [step.target(now[:, step.feature], reached[:, i]) for i, step in enumerate(steps)]
    return np.column_stack([target for target, _ in told]), np.column_stack([fit for _, fit in told])


def _lessen(
    found: Goals, values: Floats, edge: Floats, steps: Sequence[Move], predict: Callable[[Floats], Floats]
) -> None:
    """Replace goals that can be taken in part by the smallest part that does it too."""
    whole = found.targets.copy()
    left = np.flatnonzero(found.steps[:, 0] != NO_MOVE)
    for part in _PARTS:
        targets, fit = whole[left], np.ones(len(left), dtype=np.bool_)
        for number, step in enumerate(steps):
            row, place = np.nonzero(found.steps[left] == number)
            if step.by_degrees and step.fixed is None:
                now = values[left[row], step.feature]
                targets[row, place] = step.offered(now, now + part * (targets[row, place] - now))
                fit[row] &= np.isfinite(targets[row, place])
        less = fit & (np.nan_to_num(targets) != np.nan_to_num(whole[left])).any(axis=1)
        risk = _risk(
            values[left], found.steps[left][:, None], targets[:, None], less[:, None], steps, predict
        )
        done = risk[:, 0] < edge[left]
        found.targets[left[done]], found.probability[left[done]] = targets[done], risk[done, 0]
        left = left[~done]


def _risk(
    values: Floats,
    asked: Ints,
    targets: Floats,
    fit: NDArray[np.bool_],
    steps: Sequence[Move],
    predict: Callable[[Floats], Floats],
) -> Floats:
    """(rows, choices): what `predict` says of each row once the steps `asked` (rows, choices, steps) are made.

    Infinite where they do not `fit`.
    """
    risk = np.full(fit.shape, np.inf)
    row, choice = np.nonzero(fit)
    for start in range(0, len(row), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        candidates = values[row[part]]
        made, to = asked[row[part], choice[part]], targets[row[part], choice[part]]
        for place in range(made.shape[1]):
            for number in np.unique(made[:, place]):
                if number != NO_MOVE:
                    mine = np.flatnonzero(made[:, place] == number)
                    steps[number].make(candidates, mine, to[mine, place])
        risk[row[part], choice[part]] = predict(candidates)
    return risk
