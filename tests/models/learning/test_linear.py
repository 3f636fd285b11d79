"""The regression of few features: its contributions add up, and it survives as text."""

import math

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from models.errors import DataError
from models.learning.linear import Linear, fit_linear, from_text
from models.rows import labels

NAMES = ("silent_days", "gap", "noise")


def rows(count: int = 3_000, seed: int = 1) -> pl.DataFrame:
    """Users who churn more the longer they are silent, and the more so when `gap` is missing."""
    random = np.random.default_rng(seed)
    silent, gap, noise = (
        random.integers(0, 30, count).astype(float),
        random.exponential(3, count),
        random.normal(size=count),
    )
    gap[random.random(count) < 0.3] = np.nan
    odds = -3 + 1.5 * np.log1p(silent) - 0.5 * np.log1p(np.nan_to_num(gap)) + np.isnan(gap)
    return pl.DataFrame(
        {"silent_days": silent, "gap": gap, "noise": noise, "churned": random.random(count) < expit(odds)}
    )


ROWS = rows()
FITTED = fit_linear(ROWS, NAMES)


def test_a_contribution_is_the_slope_times_the_standardised_signed_logarithm() -> None:
    model = Linear(("x",), centre=(1.0,), spread=(2.0,), slope=(3.0,), if_missing=(0.5,), base=-1.0)
    x = pl.DataFrame({"x": [math.e - 1, math.e**3 - 1, 1 - math.e, 0.0, math.nan]})
    assert model.contributions(x)[:, 0] == pytest.approx([0, 3, -3, -1.5, 0.5], abs=1e-6)
    assert model.log_odds(x) == pytest.approx([-1, 2, -4, -2.5, -0.5], abs=1e-6)


def test_contributions_and_the_base_add_up_to_the_log_odds() -> None:
    contributions = FITTED.contributions(ROWS)
    assert contributions.shape == (ROWS.height, len(NAMES))
    assert np.array_equal(FITTED.base + contributions.sum(axis=1), FITTED.log_odds(ROWS))


def test_it_finds_what_raises_the_risk_and_says_on_average_what_happened() -> None:
    slope = dict(zip(NAMES, FITTED.slope, strict=True))
    assert slope["silent_days"] > 0.5
    assert slope["gap"] < 0
    assert abs(slope["noise"]) < 0.15
    assert FITTED.if_missing[1] > 0.5
    assert FITTED.if_missing[0] == 0  # it is never missing
    assert expit(FITTED.log_odds(ROWS)).mean() == pytest.approx(labels(ROWS).mean(), abs=1e-4)


def test_the_text_gives_the_same_regression_to_the_last_bit() -> None:
    assert from_text(FITTED.as_text()) == FITTED
    assert from_text(FITTED.as_text()).as_text() == FITTED.as_text()


def test_equal_rows_give_an_equal_regression_and_other_columns_do_not_matter() -> None:
    turned = ROWS.with_columns(helper=pl.col("churned").cast(pl.Float32)).select(
        reversed([*ROWS.columns, "helper"])
    )
    assert fit_linear(turned, NAMES) == FITTED


def test_a_feature_that_is_constant_or_always_missing_adds_nothing_that_differs() -> None:
    poor = ROWS.with_columns(gap=pl.lit(math.nan), noise=pl.lit(7.0))
    fitted = fit_linear(poor, NAMES)
    assert np.ptp(fitted.contributions(poor)[:, 1:], axis=0).tolist() == [0, 0]
    assert np.isfinite(fitted.log_odds(ROWS)).all()


def test_no_rows_have_no_log_odds_and_a_lacking_feature_is_named() -> None:
    assert FITTED.log_odds(ROWS.clear()).shape == (0,)
    with pytest.raises(DataError, match=r"1 of 3 features that the model needs are missing: gap"):
        FITTED.log_odds(ROWS.drop("gap"))


def test_a_text_that_lacks_a_value_is_refused() -> None:
    with pytest.raises(DataError, match="linear model"):
        from_text('{"features": ["x"], "base": 0.0}')
