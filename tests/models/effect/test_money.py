"""Money: the effect of all contacts, less what they cost."""

import pytest

from models.effect.estimate import estimate_of
from models.effect.money import Costs, gain


def test_the_profit_is_margin_times_revenue_less_costs() -> None:
    found = gain(estimate_of(2.0, 0.5), 100, 0.5, Costs(100, 5.0, 10.0, 30.0, offers_known=True))
    assert found.revenue.value == 200.0
    assert found.profit.value == pytest.approx(0.5 * 200 - 35)
    assert found.profit.standard_error == pytest.approx(0.5 * 100 * 0.5)
    assert found.profit.low == pytest.approx(65 - 1.959964 * 25, abs=1e-4)
