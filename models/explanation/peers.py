"""Peers: users of the same band of login numbers, their usual values, and each user's percentile.

Promise: all rows are compared as of the same day, so only values known on that day are used.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import polars.selectors as cs
from scipy.stats import rankdata

from models.arrays import Floats, Ints
from models.bands import band_of

LEAST_PEERS = 30

USUAL = "usual:"
"""Begins the name of a column with the user's usual value of a feature."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The groups of peers of some rows: `group` (rows,) is each row's position in `names`."""

    names: tuple[str, ...]
    group: Ints

    def of_rows(self, rows: slice | Ints) -> "Peers":
        """The same for some of the rows."""
        return Peers(self.names, self.group[rows])


@dataclass(frozen=True, slots=True)
class Sums:
    """(groups, columns) each: the total of the known values, and the number of rows that have one."""

    total: Floats
    known: Floats

    def __add__(self, other: "Sums") -> "Sums":
        """The sums over the rows of both."""
        return Sums(self.total + other.total, self.known + other.known)

    @property
    def mean(self) -> Floats:
        """(groups, columns); NaN where no value is known."""
        nothing = np.full_like(self.total, np.nan)
        return np.divide(self.total, self.known, out=nothing, where=self.known > 0)


def group_names(login_number: pl.Series, pays: pl.Series | None = None) -> pl.Series:
    """The name of each row's group: the band, and with `pays` whether the user pays; null if either is unknown."""
    rows = pl.DataFrame({"number": login_number}).with_columns(
        pl.col("number").cast(pl.Float64).fill_nan(None)
    )
    band: pl.Expr = pl.when(pl.col("number").is_not_null()).then(band_of(pl.col("number")))
    if pays is not None:
        rows = rows.with_columns(pays.alias("pays"))
        band += pl.when("pays").then(pl.lit(", pays")).when(~pl.col("pays")).then(pl.lit(", never paid"))
    return rows.select(band.alias("group")).to_series()


def peers_of(login_number: pl.Series, pays: pl.Series | None = None) -> Peers:
    """Rows grouped by band of login numbers, and by whether the user ever paid, where the log has payments.

    A band is not divided if one of its two parts would have fewer than 30 rows: their mean would be noise.
    """
    column = group_names(login_number)
    if pays is not None:
        rows = pl.DataFrame({"band": column, "pays": pays, "finer": group_names(login_number, pays)})
        payers, others = pl.col("pays").sum().over("band"), (~pl.col("pays")).sum().over("band")
        both = pl.min_horizontal(payers, others) >= LEAST_PEERS
        column = rows.select(pl.when(both).then(pl.coalesce("finer", "band")).otherwise("band")).to_series()
    names = sorted(column.unique().to_list())
    position = column.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64)
    return Peers(tuple(names), position.to_numpy().astype(np.int64))


def divided(peers: Peers, by: pl.Series, least: int) -> Peers:
    """`peers` divided by the value of `by` (rows,). A value with fewer than `least` rows of a group is not parted off.

    Those rows, and rows without a value, stay together as the rest of their group.
    """
    rows = pl.DataFrame(
        {"group": [peers.names[i] for i in peers.group], "by": by}, schema_overrides={"by": pl.String}
    )
    large = (pl.len().over("group", "by") >= least) & pl.col("by").is_not_null()
    finer = pl.when(large).then(pl.concat_str("group", pl.lit(", "), "by")).otherwise("group")
    column = rows.select(finer.alias("finer")).to_series()
    names = sorted(column.unique().to_list())
    position = column.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64)
    return Peers(tuple(names), position.to_numpy().astype(np.int64))


def sums_of_peers(values: pl.DataFrame, peers: Peers) -> Sums:
    """The sums of each column of `values` in each group of peers, without NaN and null."""
    named = values.with_columns(cs.float().fill_nan(None)).with_columns(
        pl.Series("group", peers.group, dtype=pl.Int64)
    )
    every = pl.DataFrame({"group": range(len(peers.names))}, schema={"group": pl.Int64})

    def of_groups(aggregate: pl.Expr) -> Floats:
        known = named.group_by("group").agg(aggregate.cast(pl.Float64))
        return every.join(known, on="group", how="left").sort("group").drop("group").fill_null(0).to_numpy()

    columns = pl.exclude("group")
    return Sums(of_groups(columns.cast(pl.Float64).sum()), of_groups(columns.count()))


def usual_of_peers(values: pl.DataFrame, peers: Peers) -> Floats:
    """(groups, columns): the mean of each column of `values` in each group, without NaN and null."""
    return sums_of_peers(values, peers).mean


def spread_of_peers(values: Floats, peers: Peers) -> Floats:
    """(groups, columns): the standard deviation of each column of `values` in each group; NaN for an empty group."""
    spread = np.full((len(peers.names), values.shape[1]), np.nan)
    for number in np.unique(peers.group):
        spread[number] = values[peers.group == number].std(axis=0)
    return spread


def spread_of_bands(values: Floats, peers: Peers) -> Floats:
    """(groups, columns): the standard deviation of each column of `values` in the whole band of each group.

    Not in the group alone: users who never paid hardly differ in spending, and a division by a spread near 0 would
    inflate their noise.
    """
    bands = [name.partition(",")[0] for name in peers.names]
    known = sorted(set(bands))
    index = np.array([known.index(band) for band in bands], dtype=np.int64)
    return spread_of_peers(values, Peers(tuple(known), index[peers.group]))[index]


def standardised(values: Floats, peers: Peers) -> Floats:
    """(rows, columns) z-scores: distance to the peers' mean in standard deviations of the band; 0 without a spread."""
    distance = values - usual_of_peers(pl.DataFrame(values), peers)[peers.group]
    spread = spread_of_bands(values, peers)[peers.group]
    return np.divide(distance, spread, out=np.zeros_like(distance), where=spread > 1e-9)


def percentile_among_peers(values: Floats, peers: Peers) -> Floats:
    """(rows, columns): the percentile of each value in the row's group, 0 to 100, 50 in the middle, equal for ties."""
    percentiles = np.empty_like(values)
    for number in range(len(peers.names)):
        members = peers.group == number
        percentiles[members] = 100 * (rankdata(values[members], axis=0) - 0.5) / members.sum()
    return percentiles
