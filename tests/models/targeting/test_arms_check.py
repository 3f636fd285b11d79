"""Arms are what was drawn, or the check says so; the smallest effect is the textbook's."""

from statistics import NormalDist

import numpy as np
import pytest

from models.targeting.arms_check import SURELY_WRONG, balance, power, sample_ratio

Z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)


def test_the_drawn_ratio_is_likely_and_another_is_not() -> None:
    assert sample_ratio(900, 100, 0.1) == pytest.approx(1.0)
    assert (sample_ratio(950, 50, 0.1) or 1) < SURELY_WRONG
    assert (sample_ratio(890, 110, 0.1) or 0) > 0.2
    assert sample_ratio(0, 0, 0.1) is None
    assert sample_ratio(10, 0, 0.0) is None


def test_the_smallest_effect_is_that_of_two_shares_and_the_needed_episodes_show_the_wanted_one() -> None:
    could = power(1305, 145, 0.25, 0.1, wanted=0.02)
    assert could.smallest_effect == pytest.approx(Z * np.sqrt(0.25 * 0.75 * (1 / 1305 + 1 / 145)))
    shown = power(round(could.needed * 0.9), round(could.needed * 0.1), 0.25, 0.1)
    assert shown.smallest_effect == pytest.approx(0.02, rel=1e-3)
    assert could.needed_by_half < could.needed / 2
    assert power(10, 0, 0.2, 0.1).smallest_effect is None


def test_drawn_arms_are_balanced_as_often_as_chance_says_and_sorted_ones_are_not() -> None:
    random = np.random.default_rng(5)
    covariates = random.normal(size=(600, 3))
    found = [balance(covariates, (random.random(600) < 0.2).astype(np.float64)) for _ in range(200)]
    assert 0.01 < np.mean([one is not None and one < 0.05 for one in found]) < 0.1
    by_first = (covariates[:, 0] > 0.5).astype(np.float64)
    assert (balance(covariates, by_first) or 1) < SURELY_WRONG
    assert balance(covariates[:4], np.array([1.0, 0.0, 0.0, 0.0])) is None
    assert balance(np.ones((50, 2)), np.repeat([1.0, 0.0], 25)) is None
