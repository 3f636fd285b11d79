"""The return curve counts the users still observed, and gives None where the log is too short."""

import numpy as np
import pytest

from models.labels.return_curve import (
    ReturnCurve,
    costs,
    recommended_horizon,
    resurrection_rate,
    return_curve,
)


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


def curve_of(*away: float, never: float) -> ReturnCurve:
    """A curve by hand: `away` at days 1, 2, …; the share that returns within as many days again follows from it."""
    still = np.array(away)
    later = np.array(
        [away[2 * day - 1] if 2 * day <= len(away) else never for day in range(1, len(away) + 1)]
    )
    return ReturnCurve(np.arange(1, len(away) + 1), still, (still - later) / still, never)


def test_costs_by_hand() -> None:
    cost = costs(curve_of(0.5, 0.4, 0.3, 0.25, never=0.2), 10.0, 0.5)
    assert cost.false_churn == pytest.approx([1000, 1500, 1000, 500])
    assert cost.waiting == pytest.approx([100, 200, 300, 400])
    assert cost.total == pytest.approx([1100, 1700, 1300, 900])


def test_the_recommended_horizon_is_the_cheapest_of_the_safe_ones() -> None:
    curve = curve_of(0.9, 0.5, 0.3, 0.26, 0.23, 0.22, 0.22, 0.22, never=0.22)
    assert curve.shortest_horizon(0.3) == 3
    assert recommended_horizon(curve, costs(curve, 100.0, 1.0), 0.3) == 6
    assert recommended_horizon(curve, costs(curve, 1.0, 1.0), 0.3) == 3
    assert recommended_horizon(curve, costs(curve, 0.0, 0.0), 0.3) == 3
    assert recommended_horizon(curve, costs(curve, 1.0, 1.0), -1.0) is None


def test_the_rate_of_one_horizon_for_all_is_that_of_the_curve() -> None:
    random = np.random.default_rng(3)
    observed = random.integers(0, 90, 2_000)
    returns = random.geometric(0.08, 2_000).astype(float)
    returns[returns > observed] = np.nan
    curve = return_curve(returns, observed)
    for horizon in (1, 7, 20, 44):
        rate = resurrection_rate(returns, observed, np.full(2_000, horizon))
        assert rate == pytest.approx(curve.resurrection_rate(horizon))
    assert resurrection_rate(returns, observed, np.full(2_000, 45)) is None
    assert resurrection_rate(np.array([np.nan]), np.array([0]), np.array([1])) is None


def test_with_horizons_of_their_own_each_user_is_measured_by_the_own_one() -> None:
    returns = np.array([3.0, np.nan, 30.0, np.nan])
    assert resurrection_rate(returns, np.full(4, 100), np.array([2, 2, 20, 20])) == pytest.approx(0.5)
    assert resurrection_rate(returns, np.full(4, 100), np.array([20, 20, 2, 2])) == pytest.approx(0.0)
