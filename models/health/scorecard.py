"""The scorecard of accounts: breadth, depth and reach of their use, against others who pay about the same.

Each dimension becomes its mid-rank among the accounts of a reference day that are in the same price band (free, then
fifths of those who pay). The reference day stays, so a decline of everybody shows. Health is the mean rank, 0 to 100.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from models.arrays import Floats, Ints
from models.health.engagement import mid_rank

DIMENSIONS = ("breadth", "depth", "reach")
GREEN_FROM, AMBER_FROM = 60.0, 35.0
_BANDS = 5
_LEAST = 20  # a band with fewer accounts joins the one below


def price_bounds(price: Floats) -> Floats:
    """The prices at which bands of payers begin, rising; the band below the first is free.

    `price`: of the accounts of the reference, each month; unknown or 0: free. A band of fewer than 20 accounts is
    joined with the one below it, so there may be one band only.
    """
    paid = price[price > 0]
    if len(paid) == 0:
        return np.array([], dtype=np.float64)
    bounds = np.unique(np.quantile(paid, np.arange(_BANDS) / _BANDS, method="higher"))
    while len(bounds):
        counts = np.bincount(band_of(price, bounds), minlength=len(bounds) + 1)
        small = np.flatnonzero(counts < _LEAST)
        if len(small) == 0:
            break
        bounds = np.delete(bounds, max(int(small[-1]) - 1, 0))
    return bounds


def band_of(price: Floats, bounds: Floats) -> Ints:
    """The price band of each account: 0 is the lowest."""
    return np.asarray(np.searchsorted(bounds, np.nan_to_num(price, nan=0.0), "right"), dtype=np.int64)


def scored(accounts: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """`accounts` with `health`, `value_for_money`, `weakest`, and `rank_NAME` of each dimension, 0 to 1.

    Both frames: `account`, `price` and the `DIMENSIONS`, f64. A dimension that is null in a row, or that nobody of the
    band has in the reference, has no rank, and health is the mean of the others; null without any.
    `value_for_money`: 100 times the rank of the mean among all payers of the reference less that of the price; null
    for who pays nothing.
    """
    bounds = price_bounds(_prices(reference))
    with_ranks = accounts.with_columns(_ranks(accounts, reference, bounds))
    names = [f"rank_{name}" for name in DIMENSIONS]
    mean = pl.mean_horizontal(names)
    lowest = pl.min_horizontal(names)
    weakest = pl.coalesce(pl.when(pl.col(f"rank_{name}") == lowest).then(pl.lit(name)) for name in DIMENSIONS)
    made = with_ranks.with_columns(health=(100 * mean).round(1), weakest=weakest)
    return made.with_columns(_value_for_money(made, reference, bounds))


def colour(health: str, capped: str) -> pl.Expr:
    """Green from 60, amber from 35, else red; amber at best where `capped` is true; null without health."""
    best = pl.when(pl.col(capped)).then(pl.lit("amber")).otherwise(pl.lit("green"))
    return (
        pl.when(pl.col(health) >= GREEN_FROM)
        .then(best)
        .when(pl.col(health) >= AMBER_FROM)
        .then(pl.lit("amber"))
        .when(pl.col(health).is_not_null())
        .then(pl.lit("red"))
    )


def _prices(accounts: pl.DataFrame) -> Floats:
    return accounts["price"].cast(pl.Float64).fill_null(0.0).to_numpy()


def _ranks(accounts: pl.DataFrame, reference: pl.DataFrame, bounds: Floats) -> list[pl.Series]:
    own, theirs = band_of(_prices(accounts), bounds), band_of(_prices(reference), bounds)
    made = []
    for name in DIMENSIONS:
        values, known = (frame[name].cast(pl.Float64).to_numpy() for frame in (accounts, reference))
        ranks = np.full(len(values), np.nan)
        for band in np.unique(own):
            sample = np.sort(known[(theirs == band) & ~np.isnan(known)])
            here = (own == band) & ~np.isnan(values)
            if len(sample):
                ranks[here] = mid_rank(values[here], sample)
        made.append(pl.Series(f"rank_{name}", ranks).fill_nan(None))
    return made


def _value_for_money(accounts: pl.DataFrame, reference: pl.DataFrame, bounds: Floats) -> pl.Series:
    ranked = reference.with_columns(_ranks(reference, reference, bounds))
    names = [f"rank_{name}" for name in DIMENSIONS]
    payers = ranked.with_columns(mean=pl.mean_horizontal(names)).filter(pl.col("price") > 0)
    payers = payers.drop_nulls("mean")
    pays = (
        accounts.select((pl.col("price") > 0) & pl.col("health").is_not_null())
        .to_series()
        .fill_null(value=False)
    )
    if payers.is_empty():
        return pl.Series("value_for_money", [None] * accounts.height, dtype=pl.Float64)
    mean = accounts.select(pl.mean_horizontal(names).fill_null(0.0)).to_series().to_numpy()
    used = mid_rank(mean, np.sort(payers["mean"].to_numpy()))
    paid = mid_rank(_prices(accounts), np.sort(_prices(payers)))
    value = pl.Series("value_for_money", np.round(100 * (used - paid), 1))
    return pl.select(pl.when(pays).then(value).alias("value_for_money")).to_series()


def next_steps(unused: Mapping[str, str]) -> pl.Expr:
    """The next step by `weakest`; `unused`: by dimension the sentence."""
    return pl.col("weakest").replace_strict(dict(unused), default=None, return_dtype=pl.String)
