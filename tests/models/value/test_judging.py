"""The deviance is scikit-learn's, totals come with their uncertainty, and the Gini knows the perfect order."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_tweedie_deviance

from models.metrics.bootstrap import Bootstrap
from models.value.judging import POWER, by_band, deviance_gain, deviances, floored, gini, totals

RANDOM = np.random.default_rng(1)
ACTUAL = np.where(RANDOM.random(400) < 0.4, RANDOM.gamma(2.0, 10.0, 400), 0.0)
SAID = RANDOM.gamma(2.0, 4.0, 400)
USERS = pl.Series([f"u{i % 100}" for i in range(400)])
BANDS = np.arange(400) % 2
AMOUNTS = st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.01, 1e4)), min_size=1, max_size=30)


@given(AMOUNTS)
def test_the_mean_deviance_is_scikit_learn_s(pairs: list[tuple[float, float]]) -> None:
    actual, said = np.array(pairs).T
    assert deviances(actual, said).mean() == pytest.approx(
        mean_tweedie_deviance(actual, said, power=POWER), abs=1e-6
    )


def test_a_zero_is_raised_to_the_first_percentile_of_the_positive_of_its_band() -> None:
    said = np.array([0.0, 2.0, 2.0, 0.0, 9.0])
    raised = floored(said, np.array([0, 0, 0, 1, 1]))
    assert raised.tolist() == [2.0, 2.0, 2.0, 9.0, 9.0]
    assert said[0] == 0.0


def test_the_order_is_perfect_at_one_random_near_zero_and_reversed_below() -> None:
    assert gini(ACTUAL, ACTUAL) == pytest.approx(1.0)
    assert gini(ACTUAL, 3 * ACTUAL + 1) == pytest.approx(1.0)
    assert abs(gini(ACTUAL, SAID) or 1.0) < 0.15
    assert gini(ACTUAL, np.ones(400)) == pytest.approx(0.0, abs=1e-9)
    assert (gini(ACTUAL, -ACTUAL) or 0.0) < -0.5
    assert gini(np.zeros(3), np.ones(3)) is None


def test_totals_have_a_ratio_that_the_interval_holds() -> None:
    found = totals(USERS, ACTUAL, SAID, Bootstrap(100, 1))
    assert (found.rows, found.users) == (400, 100)
    assert found.ratio.value == pytest.approx(SAID.sum() / ACTUAL.sum())
    assert found.ratio.low is not None
    assert found.ratio.high is not None
    assert found.ratio.low < found.ratio.value < found.ratio.high  # type: ignore[operator]
    assert totals(USERS, np.zeros(400), SAID, Bootstrap(10, 1)).ratio.value is None


def test_bands_without_rows_are_left_out_and_the_others_add_up() -> None:
    found = by_band(USERS, ACTUAL, SAID, BANDS, Bootstrap(20, 1))
    assert list(found) == ["1", "2-5"]
    assert sum(part.actual for part in found.values()) == pytest.approx(ACTUAL.sum())
    assert sum(part.rows for part in found.values()) == 400


def test_the_better_method_gains() -> None:
    better = np.where(ACTUAL > 0, ACTUAL, 0.5)
    gain = deviance_gain(USERS, ACTUAL, better, SAID, BANDS, Bootstrap(50, 1))
    back = deviance_gain(USERS, ACTUAL, SAID, better, BANDS, Bootstrap(50, 1))
    assert gain.low is not None
    assert gain.low > 0
    assert back.value == pytest.approx(-(gain.value or 0.0))
