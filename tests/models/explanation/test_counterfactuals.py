"""A goal is the smallest effective move within the reach of peers, predicted on the row after the move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from models.explanation.counterfactuals import NO_MOVE, SHARES, Goals, Move, goals, peer_reach_of

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
MORE = Move(0, 1, "much", more, {3: lambda value, now, target: value + target - now})
LESS = Move(1, -1, "little", less)


def predicted(values: np.ndarray) -> np.ndarray:
    return np.asarray(
        expit(-0.25 * values[:, 0] - 0.25 * values[:, 3] + 0.2 * values[:, 1] + 9 * (values[:, 2] - 5))
    )


def goal_of(
    row: list[float],
    edge: float,
    contributions: tuple[float, ...] = (1.0, 0.5, 2.0, 0.0),
    moves: tuple[Move, ...] = (MORE, LESS),
) -> Goals:
    return goals(
        np.array([row]), np.array([contributions]), np.zeros(1, dtype=np.int64), peer_reach_of(PEERS, GROUP, 1, moves),
        np.array([edge]), predicted,
    )  # fmt: skip


def test_the_reach_of_peers_is_what_a_share_of_peers_reaches_in_the_helpful_direction() -> None:
    reach = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    for share in SHARES:
        high, low = reach.reached(0, share), reach.reached(1, share)
        assert (PEERS[:, 0] >= high).mean() >= share > (PEERS[:, 0] >= high + 1).mean()
        assert (PEERS[:, 1] <= low).mean() >= share > (PEERS[:, 1] <= low - 1).mean()
        assert reach.share(0, GROUP[:1], high) == pytest.approx((PEERS[:, 0] >= high).mean())
        assert reach.share(1, GROUP[:1], low) == pytest.approx((PEERS[:, 1] <= low).mean())


def test_of_two_moves_that_do_it_the_wanted_one_is_the_goal() -> None:
    reach = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    rows = np.array([[1.0, 9.0, 5.0, 1.0]] * 3)
    goal = goals(
        rows,
        np.ones((3, 4)),
        np.zeros(3, dtype=np.int64),
        reach,
        np.full(3, 0.7),
        predicted,
        ["much", "little", None],
    )
    assert [(MORE, LESS)[i].kind for i in goal.moves[:, 0]] == [
        "much",
        "little",
        "much",
    ]  # more is the lower risk
    assert (goal.probability < 0.7).all()


def test_the_easiest_single_move_that_does_it_is_the_goal() -> None:
    goal = goal_of([1.0, 2.0, 5.0, 1.0], 0.3)
    assert goal.moves[0].tolist() == [0, NO_MOVE]
    assert goal.targets[0, 0] == 3.0  # 4 is what 60 % reach, and 3 does it too
    assert goal.shares[0, 0] == pytest.approx(8 / 11)
    assert goal.probability[0] == pytest.approx(expit(-0.5 * 3.0 + 0.4))  # in both of its columns


def test_two_moves_are_asked_for_only_where_one_is_not_enough() -> None:
    goal = goal_of([0.0, 10.0, 5.0, 0.0], 0.05)
    assert sorted(goal.moves[0].tolist()) == [0, 1]
    assert goal.probability[0] < 0.05


def test_two_moves_of_one_kind_are_never_asked_for_together() -> None:
    alike = (Move(0, 1, "much", more, MORE.along), Move(1, -1, "much", less))
    assert goal_of([0.0, 10.0, 5.0, 0.0], 0.05, moves=alike).moves[0].tolist() == [NO_MOVE, NO_MOVE]


def test_what_cannot_be_moved_or_does_no_harm_is_left_alone() -> None:
    nothing = [NO_MOVE, NO_MOVE]
    assert goal_of([1.0, 2.0, 5.0, 1.0], 0.3, (-1.0, -0.5, 2.0, 0.0)).moves[0].tolist() == nothing
    assert goal_of([10.0, 0.0, 6.0, 10.0], 0.3).moves[0].tolist() == nothing  # peers do no better
    assert np.isnan(goal_of([1.0, 2.0, 9.0, 1.0], 0.3).probability[0])
    assert goal_of([1.0, 2.0, 5.0, 1.0], 0.3, moves=()).moves[0].tolist() == nothing


def test_a_fixed_move_needs_no_peers_and_is_made_once() -> None:
    wait = Move(1, -1, "wait", less, {3: lambda value, _now, _target: value + 5}, fixed=np.nan)
    open_ = Move(1, -1, "wait", less, fixed=0.0)
    assert goal_of([1.0, 9.0, 5.0, 1.0], 0.9, moves=(open_,)).targets[0, 0] == 0.0
    assert goal_of([1.0, 0.0, 5.0, 1.0], 0.9, moves=(open_,)).moves[0, 0] == NO_MOVE
    assert goal_of([1.0, np.nan, 5.0, 1.0], 0.9, moves=(wait,)).moves[0, 0] == NO_MOVE
    assert np.isnan(goal_of([1.0, 9.0, 5.0, 1.0], 0.9, moves=(open_,)).shares[0, 0])


def test_who_never_did_it_may_be_asked_to_begin() -> None:
    def soon(now: np.ndarray, reached: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(now) & np.isfinite(reached), reached, np.nan)

    never = Move(
        1, -1, "again", soon, {0: lambda value, _n, _t: value + 5}, never_is_worst=True, by_degrees=False
    )
    peers = np.where(PEERS >= 6, np.nan, PEERS)
    reach = peer_reach_of(peers, GROUP, 1, (never,))
    assert reach.reached(0, 0.6) == np.inf  # most peers never did
    assert reach.share(0, GROUP[:1], np.array([3.0])) == pytest.approx(4 / 11)


@given(
    now=st.tuples(st.integers(0, 10), st.integers(0, 10)), edge=st.floats(0.05, 0.95), seed=st.integers(0, 99)
)
def test_the_row_that_is_judged_is_the_row_as_the_moves_leave_it(
    now: tuple[int, int], edge: float, seed: int
) -> None:
    weights = np.random.default_rng(seed).uniform(0.1, 1.0, 4) * [-1, 1, 0, -1]

    def judge(values: np.ndarray) -> np.ndarray:
        return np.asarray(expit(values @ weights))

    values = np.array([[now[0], now[1], 0.0, now[0] + 1.0]])
    reach = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    goal = goals(values, np.ones((1, 4)), np.zeros(1, dtype=np.int64), reach, np.array([edge]), judge)
    if goal.moves[0, 0] == NO_MOVE:
        return
    left = values.copy()
    for number, target, share in zip(goal.moves[0], goal.targets[0], goal.shares[0], strict=True):
        if number != NO_MOVE:
            (MORE, LESS)[number].make(left, np.array([0]), np.array([target]))
            assert share >= SHARES[-1]
    assert goal.probability[0] == pytest.approx(judge(left)[0])
    assert goal.probability[0] < edge
    assert left[0, 3] - values[0, 3] == left[0, 0] - values[0, 0]
    assert left[0, 1] <= values[0, 1]


def test_peers_who_are_at_a_target_but_for_single_precision_are_at_it() -> None:
    shares = np.array([[0.2, 0.7]] * 6 + [[0.5, 0.1]] * 4, dtype=np.float32).astype(float)
    moves = (Move(0, -1, "one", less), Move(1, 1, "other", more))
    reach = peer_reach_of(shares, np.zeros(10, dtype=np.int64), 1, moves)
    assert reach.share(0, GROUP[:1], np.array([0.2])) == pytest.approx(0.6)
    assert reach.share(1, GROUP[:1], np.array([0.7])) == pytest.approx(0.6)
