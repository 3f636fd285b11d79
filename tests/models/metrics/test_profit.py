"""The expected maximum profit is the mean of the best profit over the chances of success."""

import numpy as np
import pytest

from models.metrics.profit import Economics, maximum_profit


def by_simulation(churned: np.ndarray, probability: np.ndarray, costs: Economics) -> float:
    """The definition: for each drawn chance of success, the profit per row at its best threshold."""
    order = np.argsort(-probability)
    leavers = np.append(0.0, np.cumsum(churned[order])) / len(churned)
    others = np.append(0.0, np.cumsum(1 - churned[order])) / len(churned)
    chances = np.random.default_rng(0).beta(costs.success_alpha, costs.success_beta, 20_000)
    kept = chances * (costs.user_value - costs.offer_cost) - costs.contact_cost
    wasted = costs.offer_cost + costs.contact_cost
    return float(np.mean([np.max(gain * leavers - wasted * others) for gain in kept]))


@pytest.mark.parametrize("costs", [Economics(200, 10, 1, 6, 14), Economics(50, 12, 3, 2, 8)])
def test_it_is_what_a_simulation_of_its_definition_finds(costs: Economics) -> None:
    random = np.random.default_rng(1)
    probability = random.beta(1, 4, 400)
    churned = (random.random(400) < probability).astype(float)
    profit = maximum_profit(churned, probability, costs)
    assert profit["profit_per_login"] == pytest.approx(by_simulation(churned, probability, costs), rel=0.02)
    assert 0 <= profit["contacted_share"] <= 1


def test_a_contact_that_costs_more_than_it_can_bring_is_not_made() -> None:
    churned, probability = np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.4, 0.3, 0.2, 0.1])
    profit = maximum_profit(churned, probability, Economics(10, 5, 4.9, 2, 50))
    assert profit["profit_per_login"] == pytest.approx(0.0, abs=0.01)
