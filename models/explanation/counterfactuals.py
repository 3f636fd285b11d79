"""Counterfactuals: the smallest realistic change that brings a row's risk below an edge.

Promise: a goal stays within what peers do. It is one move, or two moves of different kinds. The model predicts the row
exactly as the moves leave it: in whole amounts, in every feature that a move changes, and in no other.

A goal is a prediction of the model, not a promise. Features change together in reality, and a user who is led to a
value may differ from users who reached it without help.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from models.arrays import Flags, Floats, Ints

SHARES = (0.6, 0.4, 0.25, 0.1)
"""Shares of peers who reach a goal's target, the easiest first."""
NO_MOVE = -1
_PARTS = (0.25, 0.5, 0.75)
"""Parts of the way to a target, tried to see whether less is enough."""
_AT_ONCE = 50_000  # candidates predicted at a time
_SINGLE = (
    1e-6  # of a value: in single precision 0.2 becomes 0.20000000298, which must not count as more than 0.2
)
_TRIED = 7  # moves tried for each row: those on the features that raise its risk most
_WANTED_FIRST = 2  # moves of the wanted kind that are tried before all others

Predict = Callable[[Floats], Floats]
"""(rows, features) to (rows,) probabilities."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move, measured by `feature` (a position). `better`: 1 where more is better, -1 where less is.

    `kind`: a goal has at most one move of a kind. `offered(now, reached)`: (rows,) the target when peers reach
    `reached`, NaN for no move. `along`: for each other feature that changes with it, a function of that feature's
    value, `now` and the target that gives the new value. `fixed`: the only possible target, whatever peers do (NaN:
    missing); None: the target is as offered. `never_is_worst`: a missing value means "never happened".
    `by_degrees`: a part of the move is possible, too.
    """

    feature: int
    better: int
    kind: str
    offered: Callable[[Floats, Floats], Floats]
    along: Mapping[int, Callable[[Floats, Floats, Floats], Floats]] = field(default_factory=dict)
    fixed: float | None = None
    never_is_worst: bool = False
    by_degrees: bool = True

    def target(self, now: Floats, reached: Floats) -> tuple[Floats, Flags]:
        """(rows,) each: the target, and whether the move is possible."""
        if self.fixed is not None:
            return np.full_like(now, self.fixed), np.asarray(~np.isnan(now) & (now != self.fixed))
        target = self.offered(now, reached)
        return target, np.isfinite(target)

    def make(self, values: Floats, rows: Ints, target: Floats) -> None:
        """Make the move in `rows` of `values` (rows, features)."""
        now = values[rows, self.feature]
        for other, moved in self.along.items():
            values[rows, other] = moved(values[rows, other], now, target)
        values[rows, self.feature] = target


@dataclass(frozen=True, slots=True)
class PeerReach:
    """The known values of peers, for each move and group, sorted from best to worst."""

    moves: tuple[Move, ...]
    known: tuple[tuple[Floats, ...], ...]

    def reached(self, move: int, share: float) -> Floats:
        """(groups,) the value that `share` of the peers reach, one that occurs; NaN where no value is known."""
        return np.array(
            [known[max(0, int(np.ceil(share * len(known) - 1e-9)) - 1)] if len(known) else np.nan
             for known in self.known[move]]
        )  # fmt: skip

    def share(self, move: int, group: Ints, target: Floats) -> Floats:
        """(rows,) the share of each row's peers at `target` or better; NaN for a fixed target."""
        shares = np.full(len(target), np.nan)
        better = self.moves[move].better
        for number in np.unique(group) if self.moves[move].fixed is None else ():
            known, members = self.known[move][number], group == number
            if len(known):
                bound = -better * target[members] + _SINGLE * np.abs(target[members])
                shares[members] = np.searchsorted(-better * known, bound, side="right") / len(known)
        return shares


@dataclass(frozen=True, slots=True)
class Goals:
    """Per row up to two moves: `moves`, `targets` and `shares` (rows, 2), NO_MOVE and NaN for none.

    `shares`: the share of peers at the target or better. `probability`: (rows,) the predicted probability after the
    moves, NaN without a goal.
    """

    moves: Ints
    targets: Floats
    shares: Floats
    probability: Floats


@dataclass(frozen=True, slots=True)
class _Tried:
    """The moves tried for each row (rows, tried): those on the features that raise its risk most.

    `useful`: the move changes a feature that raises the risk. `wanted`: it is of the wanted kind.
    """

    moves: Ints
    useful: Flags
    wanted: Flags
    kinds: Ints


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Candidate changes: the `row` of each (n,), its `moves` and `targets` (n, moves).

    `wanted`: (n,) whether one of the moves is of the row's wanted kind.
    """

    row: Ints
    moves: Ints
    targets: Floats
    wanted: Flags


def peer_reach_of(values: Floats, group: Ints, groups: int, moves: Sequence[Move]) -> PeerReach:
    """The reach of peers in the features of `moves`, from `values` (rows, features)."""
    known = []
    for move in moves:
        column = values[:, move.feature]
        if move.never_is_worst:
            column = np.where(np.isnan(column), -move.better * np.inf, column)
        of_group = (column[group == number] for number in range(groups))
        known.append(tuple(-move.better * np.sort(-move.better * one[~np.isnan(one)]) for one in of_group))
    return PeerReach(tuple(moves), tuple(known))


def goals(
    values: Floats,
    contributions: Floats,
    group: Ints,
    reach: PeerReach,
    edge: Floats,
    predict: Predict,
    wanted: Sequence[str | None] | None = None,
) -> Goals:
    """For each of `values` (rows, features) the goal that brings `predict` below `edge` (rows,).

    Single moves come before pairs of two kinds. Targets that most peers reach come before targets that few reach.
    The first step with a candidate below the edge gives the goal: a candidate of the row's `wanted` kind if there is
    one, then the one of lowest risk. If a part of it is enough, the goal is that part. `contributions`: (rows,
    features) in log-odds.
    """
    rows = len(values)
    chosen = Goals(
        np.full((rows, 2), NO_MOVE, dtype=np.int64), np.full((rows, 2), np.nan), np.full((rows, 2), np.nan),
        np.full(rows, np.nan),
    )  # fmt: skip
    if not reach.moves or not rows:
        return chosen
    tried = _tried(contributions, reach.moves, wanted or [None] * rows)
    for size in (1, 2):
        for share in SHARES:
            left = np.flatnonzero(np.isnan(chosen.probability))
            candidates = _propose(values, group, reach, tried, left, size, share)
            risk = _risk(values, candidates, reach.moves, predict)
            _choose(chosen, candidates, risk, edge)
    _lessen(chosen, values, edge, reach.moves, predict)
    for number in range(len(reach.moves)):
        row, position = np.nonzero(chosen.moves == number)
        chosen.shares[row, position] = reach.share(number, group[row], chosen.targets[row, position])
    return chosen


def _tried(contributions: Floats, moves: Sequence[Move], wanted: Sequence[str | None]) -> _Tried:
    """Up to two moves of the wanted kind that touch the risk, then the moves that touch most of it."""
    raising = np.clip(contributions, 0.0, None)
    touched = np.column_stack([raising[:, [move.feature, *move.along]].sum(axis=1) for move in moves])
    is_wanted = np.array([[kind == move.kind for move in moves] for kind in wanted])
    first = np.zeros_like(is_wanted)
    best = np.argsort(-np.where(is_wanted, touched, -1.0), axis=1, kind="stable")[:, :_WANTED_FIRST]
    np.put_along_axis(first, best, np.take_along_axis(is_wanted, best, axis=1), axis=1)
    tried = np.lexsort((-touched, ~(first & (touched > 0))), axis=1)[:, :_TRIED]
    kinds = np.unique([move.kind for move in moves], return_inverse=True)[1]
    return _Tried(
        tried,
        np.take_along_axis(touched, tried, axis=1) > 0,
        np.take_along_axis(is_wanted, tried, axis=1),
        kinds[tried],
    )


def _propose(
    values: Floats, group: Ints, reach: PeerReach, tried: _Tried, left: Ints, size: int, share: float
) -> _Candidates:
    """All changes of `size` moves, for the rows `left`, to the values that `share` of the peers reach."""
    choices = list(combinations(range(tried.moves.shape[1]), size))
    combination = np.array(choices, dtype=np.int64).reshape(-1, size)
    now = values[left]
    reached = (reach.reached(number, share)[group[left]] for number in range(len(reach.moves)))
    offers = [move.target(now[:, move.feature], at) for move, at in zip(reach.moves, reached, strict=True)]
    targets, possible = (np.column_stack(columns) for columns in zip(*offers, strict=True))
    moves = tried.moves[left][:, combination]  # (left, choices, size)
    fits = possible[np.arange(len(left))[:, None, None], moves] & tried.useful[left][:, combination]
    kinds = tried.kinds[left][:, combination]
    of_two_kinds = (kinds[:, :, 0] != kinds[:, :, -1]) | (size == 1)
    row, choice = np.nonzero(fits.all(axis=2) & of_two_kinds)
    candidate_moves = moves[row, choice]
    wanted = np.asarray(tried.wanted[left[row][:, None], combination[choice]].any(axis=1))
    return _Candidates(left[row], candidate_moves, targets[row[:, None], candidate_moves], wanted)


def _risk(values: Floats, candidates: _Candidates, moves: Sequence[Move], predict: Predict) -> Floats:
    """(n,) the prediction for each candidate's row after its moves."""
    risk = np.empty(len(candidates.row))
    for start in range(0, len(risk), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        changed = values[candidates.row[part]]
        candidate_moves, targets = candidates.moves[part], candidates.targets[part]
        for position in range(candidate_moves.shape[1]):
            for number in np.setdiff1d(candidate_moves[:, position], [NO_MOVE]):
                rows = np.flatnonzero(candidate_moves[:, position] == number)
                moves[number].make(changed, rows, targets[rows, position])
        risk[part] = predict(changed)
    return risk


def _choose(chosen: Goals, candidates: _Candidates, risk: Floats, edge: Floats) -> None:
    """Store each row's best candidate below the edge: a wanted one first, then the one of lowest risk."""
    below = np.flatnonzero(risk < edge[candidates.row])
    order = below[np.lexsort((risk[below], ~candidates.wanted[below], candidates.row[below]))]
    rows, first = np.unique(candidates.row[order], return_index=True)
    best, size = order[first], candidates.moves.shape[1]
    chosen.moves[rows, :size] = candidates.moves[best]
    chosen.targets[rows, :size] = candidates.targets[best]
    chosen.probability[rows] = risk[best]


def _lessen(chosen: Goals, values: Floats, edge: Floats, moves: Sequence[Move], predict: Predict) -> None:
    """Replace each goal by its smallest part that is enough."""
    whole = chosen.targets.copy()
    left = np.flatnonzero(chosen.moves[:, 0] != NO_MOVE)
    for part in _PARTS:
        targets, fits = whole[left], np.ones(len(left), dtype=np.bool_)
        for number, move in enumerate(moves):
            row, position = np.nonzero(chosen.moves[left] == number)
            if move.by_degrees and move.fixed is None:
                now = values[left[row], move.feature]
                targets[row, position] = move.offered(now, now + part * (targets[row, position] - now))
                fits[row] &= np.isfinite(targets[row, position])
        fits &= (np.nan_to_num(targets) != np.nan_to_num(whole[left])).any(axis=1)
        rows = left[fits]
        smaller = _Candidates(rows, chosen.moves[rows], targets[fits], np.zeros(len(rows), dtype=np.bool_))
        risk = _risk(values, smaller, moves, predict)
        _choose(chosen, smaller, risk, edge)
        left = np.setdiff1d(left, rows[risk < edge[rows]])
