"""A goal is the smallest effective move within the reach of peers, predicted on the row after the move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from models.explanation.counterfactuals import NO_MOVE, SHARES, UNFIT, Goals, Move, goals, peer_reach_of

PEERS = np.column_stack([np.arange(11.0)] * 4)
GROUP = np.zeros(11, dtype=np.int64)


def whole(now: np.ndarray, reached: np.ndarray) -> np.ndarray:
    return np.where(np.floor(reached) != now, np.floor(reached), np.nan)


def more(now: np.ndarray, reached: np.ndarray) -> np.ndarray:
    return np.where(reached > now, whole(now, reached), np.nan)


def less(now: np.ndarray, reached: np.ndarray) -> np.ndarray:
    return np.where(reached < now, whole(now, reached), np.nan)


# More of column 0 is better, and column 3 is the same over a longer time; less of column 1 is better; column 2 has no
# move.
MORE = Move(0, 1, more, {3: lambda value, now, target: value + target - now})
LESS = Move(1, -1, less)


def predicted(values: np.ndarray) -> np.ndarray:
    return np.asarray(
        expit(-0.25 * values[:, 0] - 0.25 * values[:, 3] + 0.2 * values[:, 1] + 9 * (values[:, 2] - 5))
    )


def goal_of(
    row: list[float],
    enough: float,
    moves: tuple[Move, ...] = (MORE, LESS),
    rank: tuple[int, ...] = (0, 0),
) -> Goals:
    return goals(
        np.array([row]), np.zeros(1, dtype=np.int64), peer_reach_of(PEERS, GROUP, 1, moves),
        np.array([rank[: len(moves)]], dtype=np.int64), np.array([enough]), predicted,
    )  # fmt: skip


def test_the_reach_of_peers_is_what_a_share_of_peers_reaches_in_the_helpful_direction() -> None:
    reach = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    for share in SHARES:
        high, low = reach.reached(0, share), reach.reached(1, share)
        assert (PEERS[:, 0] >= high).mean() >= share > (PEERS[:, 0] >= high + 1).mean()
        assert (PEERS[:, 1] <= low).mean() >= share > (PEERS[:, 1] <= low - 1).mean()
        assert reach.share(0, GROUP[:1], high) == pytest.approx((PEERS[:, 0] >= high).mean())
        assert reach.share(1, GROUP[:1], low) == pytest.approx((PEERS[:, 1] <= low).mean())


def test_of_two_moves_that_do_it_the_better_fit_is_the_goal() -> None:
    row, moves = [1.0, 9.0, 5.0, 1.0], {}
    for rank in ((0, 1), (1, 0), (0, 0), (UNFIT, 0), (UNFIT, UNFIT)):
        goal = goal_of(row, 0.7, rank=rank)
        moves[rank] = goal.move[0]
        assert not goal.probability[0] > 0.7
    assert moves == {(0, 1): 0, (1, 0): 1, (0, 0): 0, (UNFIT, 0): 1, (UNFIT, UNFIT): NO_MOVE}


def test_a_target_that_most_peers_reach_comes_before_a_better_fit_that_few_reach() -> None:
    row = [1.0, 9.0, 5.0, 1.0]
    assert goal_of(row, 0.6, rank=(UNFIT, 0)).share[0] == pytest.approx(5 / 11)
    assert goal_of(row, 0.6, rank=(1, 0)).move[0] == 0


def test_the_easiest_move_that_does_it_is_the_goal_and_no_more_of_it_than_does_it() -> None:
    goal = goal_of([1.0, 2.0, 5.0, 1.0], 0.3)
    assert goal.move[0] == 0
    assert goal.target[0] == 3.0  # 4 is what 60 % reach, and 3 does it too
    assert goal.share[0] == pytest.approx(8 / 11)
    assert goal.probability[0] == pytest.approx(expit(-0.5 * 3.0 + 0.4))  # in both of its columns


def test_where_no_move_does_it_or_peers_do_no_better_there_is_no_goal() -> None:
    for goal in (
        goal_of([10.0, 0.0, 6.0, 10.0], 0.3),  # peers do no better
        goal_of([1.0, 2.0, 9.0, 1.0], 0.3),
        goal_of([1.0, 2.0, 5.0, 1.0], 0.3, moves=()),
    ):
        assert goal.move[0] == NO_MOVE
        assert np.isnan([goal.target[0], goal.share[0], goal.probability[0]]).all()


def test_a_fixed_move_needs_no_peers_and_is_made_once() -> None:
    wait = Move(1, -1, less, {3: lambda value, _now, _target: value + 5}, fixed=np.nan)
    open_ = Move(1, -1, less, fixed=0.0)
    assert goal_of([1.0, 9.0, 5.0, 1.0], 0.9, moves=(open_,)).target[0] == 0.0
    assert goal_of([1.0, 0.0, 5.0, 1.0], 0.9, moves=(open_,)).move[0] == NO_MOVE
    assert goal_of([1.0, np.nan, 5.0, 1.0], 0.9, moves=(wait,)).move[0] == NO_MOVE
    assert np.isnan(goal_of([1.0, 9.0, 5.0, 1.0], 0.9, moves=(open_,)).share[0])


def test_who_never_did_it_may_be_asked_to_begin() -> None:
    def soon(now: np.ndarray, reached: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(now) & np.isfinite(reached), reached, np.nan)

    never = Move(1, -1, soon, {0: lambda value, _n, _t: value + 5}, never_is_worst=True, by_degrees=False)
    peers = np.where(PEERS >= 6, np.nan, PEERS)
    reach = peer_reach_of(peers, GROUP, 1, (never,))
    assert reach.reached(0, 0.6) == np.inf  # most peers never did
    assert reach.share(0, GROUP[:1], np.array([3.0])) == pytest.approx(4 / 11)


@given(
    now=st.tuples(st.integers(0, 10), st.integers(0, 10)),
    enough=st.floats(0.05, 0.95),
    seed=st.integers(0, 99),
)
def test_the_row_that_is_judged_is_the_row_as_the_move_leaves_it(
    now: tuple[int, int], enough: float, seed: int
) -> None:
    weights = np.random.default_rng(seed).uniform(0.1, 1.0, 4) * [-1, 1, 0, -1]

    def judge(values: np.ndarray) -> np.ndarray:
        return np.asarray(expit(values @ weights))

    values, zero = np.array([[now[0], now[1], 0.0, now[0] + 1.0]]), np.zeros(1, dtype=np.int64)
    reach = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    goal = goals(values, zero, reach, np.zeros((1, 2), dtype=np.int64), np.array([enough]), judge)
    if goal.move[0] == NO_MOVE:
        return
    left = values.copy()
    (MORE, LESS)[goal.move[0]].make(left, zero, goal.target)
    assert goal.share[0] >= SHARES[-1]
    assert goal.probability[0] == pytest.approx(judge(left)[0])
    assert goal.probability[0] <= enough
    assert left[0, 3] - values[0, 3] == left[0, 0] - values[0, 0]
    assert left[0, 1] <= values[0, 1]


def test_peers_who_are_at_a_target_but_for_single_precision_are_at_it() -> None:
    shares = np.array([[0.2, 0.7]] * 6 + [[0.5, 0.1]] * 4, dtype=np.float32).astype(float)
    moves = (Move(0, -1, less), Move(1, 1, more))
    reach = peer_reach_of(shares, np.zeros(10, dtype=np.int64), 1, moves)
    assert reach.share(0, GROUP[:1], np.array([0.2])) == pytest.approx(0.6)
    assert reach.share(1, GROUP[:1], np.array([0.7])) == pytest.approx(0.6)
