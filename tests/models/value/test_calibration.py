"""A factor brings the totals of a band right where many users pay, and stays near 1 where few do."""

import numpy as np
import polars as pl
import pytest

from models.value.calibration import fit_factors

RANDOM = np.random.default_rng(5)


def test_a_band_of_many_payers_gets_the_ratio_and_one_of_few_hardly_moves() -> None:
    actual = RANDOM.gamma(1.0, 10.0, 5_010)
    users = pl.Series([f"u{i}" for i in range(5_010)])
    bands = np.repeat([0, 1], [5_000, 10])
    actual[bands == 1] = [100.0, *[0.0] * 9]
    factors = fit_factors(users, actual, np.full(5_010, 5.0), bands)
    assert factors[0] == pytest.approx(actual[bands == 0].sum() / 25_000, rel=0.02)
    assert 1.0 < factors[1] < 1.1
    assert factors[2:] == (1.0, 1.0)


def test_rows_of_one_user_count_as_one() -> None:
    actual, said = np.tile([30.0, 0.0], 100), np.full(200, 5.0)
    many = fit_factors(pl.Series([f"u{i}" for i in range(200)]), actual, said, np.zeros(200, dtype=np.int64))
    two = fit_factors(pl.Series(["a", "b"] * 100), actual, said, np.zeros(200, dtype=np.int64))
    assert many[0] > 2.5
    assert two[0] < 1.3
