"""Gamma-Gamma finds the parameters that made the payments, and draws few payments towards the mean of all."""

import numpy as np
import pytest

from models.arrays import Floats
from models.value.gamma_gamma import GammaGamma, fit_gamma_gamma

TRUE = GammaGamma(p=4.0, q=3.5, gamma=15.0)


def payments(users: int, seed: int) -> tuple[Floats, Floats]:
    """The number and the mean of the payments of users whom TRUE describes."""
    random = np.random.default_rng(seed)
    rate = random.gamma(TRUE.q, 1 / TRUE.gamma, users)
    count = random.integers(1, 8, users).astype(np.float64)
    return count, random.gamma(TRUE.p * count, 1 / rate) / count


def test_the_parameters_that_made_the_payments_are_found() -> None:
    count, mean = payments(20_000, 2)
    found = fit_gamma_gamma(count, mean)
    assert (found.p, found.q, found.gamma) == pytest.approx((TRUE.p, TRUE.q, TRUE.gamma), rel=0.15)


def test_more_payments_speak_for_themselves() -> None:
    of_all = TRUE.p * TRUE.gamma / (TRUE.q - 1)
    assert TRUE.mean_payment(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(of_all)
    few, many = TRUE.mean_payment(np.array([1.0, 1000.0]), np.array([100.0, 100.0]))
    assert of_all < few < many < 100.0
    assert many == pytest.approx(100.0, rel=0.01)


def test_money_in_another_unit_gives_the_same_model() -> None:
    count, mean = payments(2_000, 4)
    one, other = fit_gamma_gamma(count, mean), fit_gamma_gamma(count, 100 * mean)
    assert other.mean_payment(count, 100 * mean) == pytest.approx(
        100 * one.mean_payment(count, mean), rel=1e-3
    )
