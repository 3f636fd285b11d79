"""The interval of the calibration error holds the true one, which is known where rows are made up."""

import numpy as np
import polars as pl
import pytest

from models.metrics.bootstrap import Bootstrap, qualities
from models.metrics.calibration_error import without_noise
from models.metrics.quality import ranked, weighted_qualities

DATA_SETS = 100
USERS = 200


def made_up(true_error: float, seed: int) -> tuple[pl.Series, np.ndarray, np.ndarray]:
    """Rows of users, 1 to 8 each, whose outcomes depend on each other; observed is `true_error` above predicted."""
    random = np.random.default_rng(seed)
    user = np.repeat(np.arange(USERS), random.integers(1, 9, USERS))
    probability = 0.1 + 0.7 * random.beta(1, 3, USERS)[user]
    of_user = random.choice([-0.1, 0.1], USERS)[user]
    churned = random.random(len(user)) < probability + true_error + of_user
    return pl.Series("user_id", user), churned.astype(np.float64), probability


@pytest.mark.parametrize("true_error", [0.0, 0.05])
def test_the_interval_holds_the_true_calibration_error(true_error: float) -> None:
    held, values = 0, []
    for seed in range(DATA_SETS):
        error = qualities(*made_up(true_error, seed), Bootstrap(60, seed))["calibration_error"]
        assert error.low <= error.value <= error.high  # type: ignore[operator]
        held += error.low <= true_error <= error.high  # type: ignore[operator]
        values.append(error.value)
    assert held >= 0.85 * DATA_SETS
    assert np.mean(values) == pytest.approx(true_error, abs=0.015)


def test_the_value_is_below_the_plug_in_value_which_noise_makes_too_large() -> None:
    users, churned, probability = made_up(0.0, 7)
    plug_in = weighted_qualities(ranked(churned, probability), np.ones(len(churned)))[4]
    assert qualities(users, churned, probability, Bootstrap(100, 1))["calibration_error"].value < plug_in / 2  # type: ignore[operator]


def test_without_noise_nothing_is_taken_off() -> None:
    residuals = np.array([0.03, -0.02])
    assert without_noise(residuals, np.tile(residuals, (50, 1))) == pytest.approx((0.05, 0.05, 0.05))
    assert without_noise(np.zeros(2), np.full((50, 2), 0.01)) == (0.0, 0.0, 0.0)


def test_what_noise_alone_explains_is_zero() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, (200, 10))
    value, low, high = without_noise(noise[0] / 2, noise + noise[0] / 2)
    assert (value, low) == (0.0, 0.0)
    assert high < 0.05
