"""A goal is the smallest change within what peers do that the model believes in."""

import numpy as np
import pytest
from scipy.special import expit

from models.goals import NO_GOAL, SHARES, goals, norms_of

PEERS = np.column_stack([np.arange(11.0), np.arange(11.0), np.arange(11.0)])
GROUP = np.zeros(11, dtype=np.int64)
BETTER = np.array([1, -1, 0])


def predicted(values: np.ndarray) -> np.ndarray:
    return np.asarray(expit(-0.5 * values[:, 0] + 0.2 * values[:, 1] + 9 * (values[:, 2] - 5)))


def found(row: list[float], edge: float, contributions: tuple[float, ...] = (1.0, 0.5, 2.0)):
    return goals(
        np.array([row]),
        np.array([contributions]),
        np.zeros(1, dtype=np.int64),
        norms_of(PEERS, GROUP, 1, BETTER),
        np.array([edge]),
        predicted,
    )


def test_norms_are_what_a_share_of_peers_reaches_in_the_helpful_direction() -> None:
    norms = norms_of(PEERS, GROUP, 1, BETTER)
    for level, share in enumerate(SHARES):
        more, less = norms.at_least[level, 0, 0], norms.at_least[level, 0, 1]
        assert (PEERS[:, 0] >= more).mean() >= share
        assert (PEERS[:, 1] <= less).mean() >= share
    assert np.isnan(norms.at_least[:, 0, 2]).all()


def test_the_easiest_single_change_that_does_it_is_the_goal() -> None:
    told = found([1.0, 2.0, 5.0], 0.3)
    assert told.features[0].tolist() == [0, NO_GOAL]
    assert (told.targets[0, 0], told.share[0]) == (4.0, 0.6)
    assert told.probability[0] == pytest.approx(expit(-2.0 + 0.4))


def test_two_changes_are_asked_for_only_where_one_is_not_enough() -> None:
    told = found([0.0, 10.0, 5.0], 0.05)
    assert sorted(told.features[0].tolist()) == [0, 1]
    assert told.probability[0] < 0.05


def test_what_cannot_be_moved_or_does_no_harm_is_left_alone() -> None:
    assert found([1.0, 2.0, 5.0], 0.3, (-1.0, -0.5, 2.0)).features[0].tolist() == [NO_GOAL, NO_GOAL]
    assert found([10.0, 0.0, 6.0], 0.3).features[0].tolist() == [NO_GOAL, NO_GOAL]  # peers do no better
    assert np.isnan(found([1.0, 2.0, 9.0], 0.3).probability[0])
