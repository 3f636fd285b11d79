"""The expected performance of calibrated probabilities equals the real one."""

import numpy as np
import polars as pl
import pytest

from models.metrics.bootstrap import Bootstrap, Interval, qualities
from models.metrics.expected_performance import EXPECTED, expected_and_observed, expected_performance

ROWS = 3_000
RANDOM = np.random.default_rng(8)
TRUE = RANDOM.beta(1, 4, ROWS)
CHURNED = (RANDOM.random(ROWS) < TRUE).astype(float)
USERS = pl.Series("user_id", np.arange(ROWS) // 3)
BOOTSTRAP = Bootstrap(100, 1)


def holds(interval: Interval, value: float) -> bool:
    return interval.low <= value <= interval.high  # type: ignore[operator]


def test_what_is_expected_of_calibrated_probabilities_comes_true() -> None:
    held = dict.fromkeys(EXPECTED, 0)
    few, users = TRUE[:600], USERS.head(600)
    for seed in range(60):
        churned = (np.random.default_rng(seed).random(600) < few).astype(float)
        for name, found in expected_and_observed(users, churned, few, Bootstrap(60, seed)).items():
            held[name] += holds(found["difference"], 0.0)
    assert min(held.values()) >= 0.85 * 60  # 95 % of them but for chance


def test_the_difference_is_observed_less_expected() -> None:
    for found in expected_and_observed(USERS, CHURNED, TRUE, BOOTSTRAP).values():
        assert found["difference"].value == pytest.approx(found["observed"].value - found["expected"].value)  # type: ignore[operator]


def test_what_is_expected_of_overconfident_probabilities_does_not_come_true() -> None:
    odds = (TRUE / (1 - TRUE)) ** 2
    found = expected_and_observed(USERS, CHURNED, odds / (1 + odds), BOOTSTRAP)
    assert found["auc"]["difference"].high < 0  # type: ignore[operator]
    assert found["log_loss"]["difference"].low > 0  # type: ignore[operator]
    assert found["base_rate"]["difference"].low > 0  # type: ignore[operator]


def test_the_figures_are_those_of_the_formulas_and_of_the_qualities() -> None:
    alone = expected_performance(USERS, TRUE, BOOTSTRAP)
    entropy = -(TRUE * np.log(TRUE) + (1 - TRUE) * np.log1p(-TRUE))
    above = (TRUE[:, None] > TRUE[None, :]) + 0.5 * (TRUE[:, None] == TRUE[None, :])
    pairs = TRUE[:, None] * (1 - TRUE)[None, :]
    assert alone["base_rate"].value == pytest.approx(TRUE.mean())
    assert alone["log_loss"].value == pytest.approx(entropy.mean())
    assert alone["auc"].value == pytest.approx((pairs * above).sum() / pairs.sum())
    beside, measured = (
        expected_and_observed(USERS, CHURNED, TRUE, BOOTSTRAP),
        qualities(USERS, CHURNED, TRUE, BOOTSTRAP),
    )
    for name in EXPECTED:
        assert beside[name]["expected"] == alone[name]
        for bound in ("value", "low", "high"):
            observed = getattr(beside[name]["observed"], bound)
            assert observed == pytest.approx(getattr(measured[name], bound))


def test_the_interval_draws_users_whole() -> None:
    alike = expected_performance(pl.Series(np.arange(ROWS) // 100), np.sort(TRUE), BOOTSTRAP)["base_rate"]
    alone = expected_performance(pl.Series(np.arange(ROWS)), np.sort(TRUE), BOOTSTRAP)["base_rate"]
    assert alike.high - alike.low > 4 * (alone.high - alone.low)  # type: ignore[operator]


def test_ties_have_an_auc_of_one_half_and_what_cannot_be_measured_is_none() -> None:
    ten = pl.Series(range(10))
    even = np.full(10, 0.3)
    assert expected_performance(ten, even, BOOTSTRAP)["auc"].value == pytest.approx(0.5)
    one_class = expected_and_observed(ten, np.zeros(10), even, BOOTSTRAP)
    assert one_class["auc"]["observed"] == one_class["auc"]["difference"] == Interval()
    assert one_class["base_rate"]["difference"].high == pytest.approx(-0.3)
    assert expected_performance(ten.head(0), np.empty(0), BOOTSTRAP) == dict.fromkeys(EXPECTED, Interval())
    nobody = expected_and_observed(ten.head(0), np.empty(0), np.empty(0), BOOTSTRAP)
    assert all(found == Interval() for name in EXPECTED for found in nobody[name].values())
