"""Counterfactuals: the smallest realistic change of one thing that lowers a row's risk enough.

Promise: a goal stays within what peers do. The model predicts the row exactly as the move leaves it: in whole amounts,
in every feature that the move changes, and in no other.

A goal is a prediction of the model, not a promise. Features change together in reality, and a user who is led to a
value may differ from users who reached it without help.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.arrays import Flags, Floats, Ints

SHARES = (0.6, 0.4, 0.25)
"""Shares of peers who reach a goal's target, the easiest first."""
NO_MOVE = -1
UNFIT = -1
"""The rank of a move that is no goal for a row."""
_PARTS = (0.25, 0.5, 0.75)
"""Parts of the way to a target, tried to see whether less is enough."""
_AT_ONCE = 50_000  # candidates predicted at a time
_SINGLE = (
    1e-6  # of a value: in single precision 0.2 becomes 0.20000000298, which must not count as more than 0.2
)

Predict = Callable[[Floats], Floats]
"""(rows, features) to (rows,) probabilities."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move, measured by `feature` (a position). `better`: 1 where more is better, -1 where less is.

    `offered(now, reached)`: (rows,) the target when peers reach `reached`, NaN for no move. `along`: for each other
    feature that changes with it, a function of that feature's value, `now` and the target that gives the new value.
    `fixed`: the only possible target, whatever peers do (NaN: missing); None: the target is as offered.
    `never_is_worst`: a missing value means "never happened". `by_degrees`: a part of the move is possible, too.
    """

    feature: int
    better: int
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
    """Per row one move: `move`, `target` and `share` (rows,), NO_MOVE and NaN for none.

    `share`: the share of peers at the target or better. `probability`: (rows,) the predicted probability after the
    move, NaN without a goal.
    """

    move: Ints
    target: Floats
    share: Floats
    probability: Floats


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Candidate changes: the `row` of each (n,), its `move`, its `target`, and the `rank` of the move for the row."""

    row: Ints
    move: Ints
    target: Floats
    rank: Ints

    def those(self, chosen: Flags) -> "_Candidates":
        return _Candidates(self.row[chosen], self.move[chosen], self.target[chosen], self.rank[chosen])


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
    values: Floats, group: Ints, reach: PeerReach, rank: Ints, enough: Floats, predict: Predict
) -> Goals:
    """For each of `values` (rows, features) the goal that brings `predict` down to `enough` (rows,).

    `rank`: (rows, moves) the moves that fit a row, 0 for the first choice, UNFIT for none. Targets that most peers
    reach come before targets that few reach. Among those that most reach the move of the first rank is the goal, then
    the one of lowest risk. If a part of it is enough, the goal is that part.
    """
    nothing = np.full(len(values), np.nan)
    chosen = Goals(
        np.full(len(values), NO_MOVE, dtype=np.int64), nothing.copy(), nothing.copy(), nothing.copy()
    )
    for share in SHARES if reach.moves else ():
        left = np.flatnonzero(chosen.move == NO_MOVE)
        candidates = _propose(values, group, reach, rank, left, share)
        _choose(chosen, candidates, _risk(values, candidates, reach.moves, predict), enough)
    _lessen(chosen, values, enough, reach.moves, predict)
    for number in range(len(reach.moves)):
        rows = np.flatnonzero(chosen.move == number)
        chosen.share[rows] = reach.share(number, group[rows], chosen.target[rows])
    return chosen


def _propose(
    values: Floats, group: Ints, reach: PeerReach, rank: Ints, left: Ints, share: float
) -> _Candidates:
    """All moves that fit the rows `left`, to the values that `share` of the peers reach."""
    parts = []
    for number, move in enumerate(reach.moves):
        rows = left[rank[left, number] != UNFIT]
        target, possible = move.target(values[rows, move.feature], reach.reached(number, share)[group[rows]])
        part = _Candidates(rows, np.full_like(rows, number), target, rank[rows, number])
        parts.append(part.those(possible))
    return _Candidates(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.move for part in parts]),
        np.concatenate([part.target for part in parts]),
        np.concatenate([part.rank for part in parts]),
    )


def _risk(values: Floats, candidates: _Candidates, moves: Sequence[Move], predict: Predict) -> Floats:
    """(n,) the prediction for each candidate's row after its move."""
    risk = np.empty(len(candidates.row))
    for start in range(0, len(risk), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        changed, move, target = values[candidates.row[part]], candidates.move[part], candidates.target[part]
        for number in np.unique(move):
            rows = np.flatnonzero(move == number)
            moves[number].make(changed, rows, target[rows])
        risk[part] = predict(changed)
    return risk


def _choose(chosen: Goals, candidates: _Candidates, risk: Floats, enough: Floats) -> None:
    """Store each row's best candidate that is enough: of the first rank, then of the lowest risk."""
    does = np.flatnonzero(risk <= enough[candidates.row])
    order = does[np.lexsort((risk[does], candidates.rank[does], candidates.row[does]))]
    rows, first = np.unique(candidates.row[order], return_index=True)
    best = order[first]
    chosen.move[rows] = candidates.move[best]
    chosen.target[rows] = candidates.target[best]
    chosen.probability[rows] = risk[best]


def _lessen(chosen: Goals, values: Floats, enough: Floats, moves: Sequence[Move], predict: Predict) -> None:
    """Replace each goal by its smallest part that is enough."""
    whole = chosen.target.copy()
    by_degrees = np.array([move.by_degrees and move.fixed is None for move in moves] + [False])
    left = np.flatnonzero(by_degrees[chosen.move])  # NO_MOVE is the last of them
    for part in _PARTS:
        target = whole[left]
        for number in np.unique(chosen.move[left]):
            at = np.flatnonzero(chosen.move[left] == number)
            now = values[left[at], moves[number].feature]
            target[at] = moves[number].offered(now, now + part * (target[at] - now))
        every = _Candidates(left, chosen.move[left], target, np.zeros_like(left))
        smaller = every.those(np.isfinite(target) & (target != whole[left]))
        risk = _risk(values, smaller, moves, predict)
        _choose(chosen, smaller, risk, enough)
        left = np.setdiff1d(left, smaller.row[risk <= enough[smaller.row]])
