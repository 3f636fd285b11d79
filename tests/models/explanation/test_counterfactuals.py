"""A goal is the smallest step within what peers do that the model believes in, judged as the step leaves the row."""

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


# Of column 0 more is better, and column 3 is the same over a longer time; of column 1 less is; 2 is nobody's to move.
MORE = Move(0, 1, "much", more, {3: lambda own, now, target: own + target - now})
LESS = Move(1, -1, "little", less)


def predicted(values: np.ndarray) -> np.ndarray:
    return np.asarray(
        expit(-0.25 * values[:, 0] - 0.25 * values[:, 3] + 0.2 * values[:, 1] + 9 * (values[:, 2] - 5))
    )


def found(
    row: list[float],
    edge: float,
    contributions: tuple[float, ...] = (1.0, 0.5, 2.0, 0.0),
    steps: tuple[Move, ...] = (MORE, LESS),
) -> Goals:
    return goals(
        np.array([row]), np.array([contributions]), np.zeros(1, dtype=np.int64), peer_reach_of(PEERS, GROUP, 1, steps),
        np.array([edge]), predicted,
    )  # fmt: skip


def test_norms_are_what_a_share_of_peers_reaches_in_the_helpful_direction() -> None:
    norms = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    for share in SHARES:
        high, low = norms.reached(0, share), norms.reached(1, share)
        assert (PEERS[:, 0] >= high).mean() >= share > (PEERS[:, 0] >= high + 1).mean()
        assert (PEERS[:, 1] <= low).mean() >= share > (PEERS[:, 1] <= low - 1).mean()
        assert norms.share(0, GROUP[:1], high) == pytest.approx((PEERS[:, 0] >= high).mean())
        assert norms.share(1, GROUP[:1], low) == pytest.approx((PEERS[:, 1] <= low).mean())


def test_of_two_steps_that_do_it_the_wanted_one_is_the_goal() -> None:
    norms = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    rows = np.array([[1.0, 9.0, 5.0, 1.0]] * 3)
    told = goals(
        rows,
        np.ones((3, 4)),
        np.zeros(3, dtype=np.int64),
        norms,
        np.full(3, 0.7),
        predicted,
        ["much", "little", None],
    )
    assert [(MORE, LESS)[i].kind for i in told.steps[:, 0]] == [
        "much",
        "little",
        "much",
    ]  # more is the lower risk
    assert (told.probability < 0.7).all()


def test_the_easiest_single_step_that_does_it_is_the_goal() -> None:
    told = found([1.0, 2.0, 5.0, 1.0], 0.3)
    assert told.steps[0].tolist() == [0, NO_MOVE]
    assert told.targets[0, 0] == 3.0  # 4 is what 60 % reach, and 3 does it too
    assert told.shares[0, 0] == pytest.approx(8 / 11)
    assert told.probability[0] == pytest.approx(expit(-0.5 * 3.0 + 0.4))  # in both of its columns


def test_two_steps_are_asked_for_only_where_one_is_not_enough() -> None:
    told = found([0.0, 10.0, 5.0, 0.0], 0.05)
    assert sorted(told.steps[0].tolist()) == [0, 1]
    assert told.probability[0] < 0.05


def test_two_steps_of_one_kind_are_never_asked_for_together() -> None:
    alike = (Move(0, 1, "much", more, MORE.along), Move(1, -1, "much", less))
    assert found([0.0, 10.0, 5.0, 0.0], 0.05, steps=alike).steps[0].tolist() == [NO_MOVE, NO_MOVE]


def test_what_cannot_be_moved_or_does_no_harm_is_left_alone() -> None:
    nothing = [NO_MOVE, NO_MOVE]
    assert found([1.0, 2.0, 5.0, 1.0], 0.3, (-1.0, -0.5, 2.0, 0.0)).steps[0].tolist() == nothing
    assert found([10.0, 0.0, 6.0, 10.0], 0.3).steps[0].tolist() == nothing  # peers do no better
    assert np.isnan(found([1.0, 2.0, 9.0, 1.0], 0.3).probability[0])
    assert found([1.0, 2.0, 5.0, 1.0], 0.3, steps=()).steps[0].tolist() == nothing


def test_a_fixed_step_needs_no_peers_and_is_made_once() -> None:
    wait = Move(1, -1, "wait", less, {3: lambda own, _now, _target: own + 5}, fixed=np.nan)
    open_ = Move(1, -1, "wait", less, fixed=0.0)
    assert found([1.0, 9.0, 5.0, 1.0], 0.9, steps=(open_,)).targets[0, 0] == 0.0
    assert found([1.0, 0.0, 5.0, 1.0], 0.9, steps=(open_,)).steps[0, 0] == NO_MOVE
    assert found([1.0, np.nan, 5.0, 1.0], 0.9, steps=(wait,)).steps[0, 0] == NO_MOVE
    assert np.isnan(found([1.0, 9.0, 5.0, 1.0], 0.9, steps=(open_,)).shares[0, 0])


def test_who_never_did_it_may_be_asked_to_begin() -> None:
    def soon(now: np.ndarray, reached: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(now) & np.isfinite(reached), reached, np.nan)

    never = Move(
        1, -1, "again", soon, {0: lambda own, _n, _t: own + 5}, never_is_worst=True, by_degrees=False
    )
    peers = np.where(PEERS >= 6, np.nan, PEERS)
    norms = peer_reach_of(peers, GROUP, 1, (never,))
    assert norms.reached(0, 0.6) == np.inf  # most peers never did
    assert norms.share(0, GROUP[:1], np.array([3.0])) == pytest.approx(4 / 11)


@given(
    now=st.tuples(st.integers(0, 10), st.integers(0, 10)), edge=st.floats(0.05, 0.95), seed=st.integers(0, 99)
)
def test_the_row_that_is_judged_is_the_row_as_the_steps_leave_it(
    now: tuple[int, int], edge: float, seed: int
) -> None:
    weights = np.random.default_rng(seed).uniform(0.1, 1.0, 4) * [-1, 1, 0, -1]

    def judge(values: np.ndarray) -> np.ndarray:
        return np.asarray(expit(values @ weights))

    values = np.array([[now[0], now[1], 0.0, now[0] + 1.0]])
    norms = peer_reach_of(PEERS, GROUP, 1, (MORE, LESS))
    told = goals(values, np.ones((1, 4)), np.zeros(1, dtype=np.int64), norms, np.array([edge]), judge)
    if told.steps[0, 0] == NO_MOVE:
        return
    left = values.copy()
    for number, target, share in zip(told.steps[0], told.targets[0], told.shares[0], strict=True):
        if number != NO_MOVE:
            (MORE, LESS)[number].make(left, np.array([0]), np.array([target]))
            assert share >= SHARES[-1]
    assert told.probability[0] == pytest.approx(judge(left)[0])
    assert told.probability[0] < edge
    assert left[0, 3] - values[0, 3] == left[0, 0] - values[0, 0]
    assert left[0, 1] <= values[0, 1]


def test_peers_who_are_at_a_target_but_for_single_precision_are_at_it() -> None:
    shares = np.array([[0.2, 0.7]] * 6 + [[0.5, 0.1]] * 4, dtype=np.float32).astype(float)
    steps = (Move(0, -1, "one", less), Move(1, 1, "other", more))
    norms = peer_reach_of(shares, np.zeros(10, dtype=np.int64), 1, steps)
    assert norms.share(0, GROUP[:1], np.array([0.2])) == pytest.approx(0.6)
    assert norms.share(1, GROUP[:1], np.array([0.7])) == pytest.approx(0.6)
