"""Peers: users of the same band of login numbers and segment, what is usual among them, and who stands where.

Promise: all are compared as of one and the same day, so nothing is known of peers that was not known then.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray
from scipy.stats import rankdata

from models.segments import band_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_PEERS = 30


@dataclass(frozen=True, slots=True)
class Peers:
    """The groups of peers of some rows: `group` (rows,) is each row's position in `names`."""

    names: tuple[str, ...]
    group: Ints


def peers_of(login_number: pl.Series, pays: pl.Series | None = None) -> Peers:
    """Rows grouped by band of login numbers, and by whether the user ever paid, where the log tells it.

    A band is not parted where a part would have fewer than 30 rows: nobody's norm is made of a handful.
    """
    told = pl.DataFrame({"band": pl.select(band_of(pl.lit(login_number))).to_series()})
    named = pl.col("band")
    if pays is not None:
        told = told.with_columns(pays.alias("pays"))
        payers, others = pl.col("pays").sum().over("band"), (~pl.col("pays")).sum().over("band")
        both = pl.min_horizontal(payers, others) >= LEAST_PEERS
        named += (
            pl.when(both & pl.col("pays"))
            .then(pl.lit(", pays"))
            .when(both)
            .then(pl.lit(", never paid"))
            .otherwise(pl.lit(""))
        )
    column = told.select(named.alias("group")).to_series()
    names = sorted(column.unique().to_list())
    position = column.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64)
    return Peers(tuple(names), position.to_numpy())


def usual_of_peers(values: pl.DataFrame, peers: Peers) -> Floats:
    """(groups, columns): the mean of each of `values`' columns among peers; NaN and null count for nothing."""
    return _by_group(values, peers, pl.exclude("group").mean())


def spread_of_peers(values: Floats, peers: Peers) -> Floats:
    """(rows, columns): the standard deviation of each of `values`' columns among each row's peers."""
    return _by_group(pl.DataFrame(values), peers, pl.exclude("group").std(ddof=0))[peers.group]


def standardised(values: Floats, peers: Peers) -> Floats:
    """Each of `values` (rows, columns) as standard deviations above its peers' mean; 0 where all are alike."""
    apart = values - usual_of_peers(pl.DataFrame(values), peers)[peers.group]
    spread = spread_of_peers(values, peers)
    return np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 1e-9)


def standing(values: Floats, peers: Peers) -> Floats:
    """The percentile of each of `values` (rows, columns) among peers: 0 to 100, 50 in the middle, ties alike."""
    ranks = np.empty_like(values)
    for number in range(len(peers.names)):
        mine = peers.group == number
        ranks[mine] = 100 * (rankdata(values[mine], axis=0) - 0.5) / mine.sum()
    return ranks


def _by_group(values: pl.DataFrame, peers: Peers, aggregate: pl.Expr) -> Floats:
    """(groups, columns) of `aggregate`, in the order of the groups; NaN where nothing is known."""
    named = values.with_columns(cs.float().fill_nan(None)).with_columns(pl.Series("group", peers.group))
    told = named.group_by("group").agg(aggregate).sort("group").drop("group")
    return told.select(pl.all().cast(pl.Float64).fill_null(np.nan)).to_numpy()
