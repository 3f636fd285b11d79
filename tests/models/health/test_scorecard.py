"""Ranks are within a price band of a reference that stays; health is their mean, from 0 to 100."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.health.scorecard import DIMENSIONS, band_of, colour, price_bounds, scored


def accounts(count: int = 200, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "account": [f"a{n}" for n in range(count)],
            "breadth": rng.integers(0, 6, count) / 5,
            "depth": rng.random(count),
            "reach": rng.poisson(3, count).astype(np.float64),
            "price": np.where(rng.random(count) < 0.4, 0.0, rng.exponential(50, count)),
        }
    )


@given(st.integers(0, 1000), st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_health_lies_within_0_and_100_and_value_for_money_within_a_hundred_of_0(
    seed: int, count: int
) -> None:
    made = scored(accounts(count, seed), accounts(150, seed + 1))
    assert made["health"].drop_nulls().is_between(0, 100).all()
    assert made["value_for_money"].drop_nulls().is_between(-100, 100).all()
    assert made.filter(pl.col("price") == 0)["value_for_money"].null_count() == (made["price"] == 0).sum()
    lowest = made.select(pl.min_horizontal(f"rank_{name}" for name in DIMENSIONS)).to_series()
    named = made.select(
        pl.coalesce(pl.when(pl.col("weakest") == name).then(f"rank_{name}") for name in DIMENSIONS)
    ).to_series()
    assert named.equals(lowest, check_names=False)


@given(st.lists(st.floats(0, 500, width=32), min_size=1, max_size=300))
def test_bands_have_twenty_of_the_reference_or_there_is_one(prices: list[float]) -> None:
    price = np.array(prices, dtype=np.float64)
    bounds = price_bounds(price)
    counts = np.bincount(band_of(price, bounds), minlength=len(bounds) + 1)
    assert len(bounds) <= 5
    assert len(bounds) == 0 or counts.min() >= 20
    assert (np.diff(bounds) > 0).all()


def test_free_and_fifths_of_payers() -> None:
    price = np.concatenate([np.zeros(40), np.arange(1.0, 101.0)])
    bounds = price_bounds(price)
    assert np.bincount(band_of(price, bounds)).tolist() == [40, 20, 20, 20, 20, 20]


def test_against_itself_the_mean_health_is_a_half_and_a_decline_of_everybody_shows() -> None:
    reference = accounts(400)
    assert scored(reference, reference)["health"].mean() == pytest.approx(50, abs=0.1)
    halved = reference.with_columns(pl.col(DIMENSIONS) / 2)
    assert scored(halved, reference)["health"].mean() < 40  # type: ignore[operator]


def test_an_absent_dimension_is_null_and_health_is_the_mean_of_the_rest() -> None:
    reference = accounts().with_columns(depth=pl.lit(None, pl.Float64))
    made = scored(reference, reference)
    mean = made.select((50 * (pl.col("rank_breadth") + pl.col("rank_reach"))).round(1)).to_series()
    assert made["rank_depth"].null_count() == made.height
    assert made["health"].to_list() == pytest.approx(mean.to_list(), abs=0.11)
    none = reference.with_columns(pl.lit(None, pl.Float64).alias(name) for name in DIMENSIONS)
    assert scored(none, none).select("health", "weakest").null_count().row(0) == (none.height, none.height)


def test_colours() -> None:
    health = [100.0, 60.0, 59.9, 35.0, 34.9, None, 80.0, 10.0]
    capped = [False] * 6 + [True, True]
    made = pl.DataFrame({"health": health, "capped": capped}).select(colour=colour("health", "capped"))
    assert made["colour"].to_list() == ["green", "green", "amber", "amber", "red", None, "amber", "red"]
