"""The return curve counts what is still watched, and knows what it cannot know."""

import numpy as np
import pytest

from models.definition import return_curve


def test_without_censoring_it_is_the_share_of_longer_gaps() -> None:
    curve = return_curve(np.array([1.0, 2.0, 3.0, 4.0]), np.array([10, 10, 10, 10]))
    assert curve.days.tolist() == [1, 2, 3, 4, 5]
    assert curve.still_away == pytest.approx([0.75, 0.5, 0.25, 0.0, 0.0])
    assert curve.resurrected == pytest.approx([1 / 3, 1.0, 1.0, 0.0, 0.0])


def test_a_user_watched_for_a_short_time_is_not_taken_for_one_who_stayed_away() -> None:
    returns = np.array([2.0, np.nan, 6.0, np.nan])
    curve = return_curve(returns, np.array([8, 1, 8, 8]))
    assert curve.still_away == pytest.approx([1.0, 2 / 3, 2 / 3, 2 / 3])
    assert curve.resurrection_rate(4) == pytest.approx(0.5)
    assert curve.resurrection_rate(5) is None


def test_the_shortest_horizon_is_one_from_which_on_few_come_back() -> None:
    returns = np.array([1.0] * 50 + [6.0] * 30 + [np.nan] * 20)
    curve = return_curve(returns, np.full(100, 20))
    assert curve.shortest_horizon(0.15) == 6
    assert curve.shortest_horizon(-1.0) is None


def test_nobody_watched_gives_no_curve() -> None:
    curve = return_curve(np.array([np.nan]), np.array([0]))
    assert (curve.days.size, curve.resurrection_rate(1), curve.shortest_horizon(0.15)) == (0, None, None)
