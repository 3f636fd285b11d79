"""Peers: users of the same band of login numbers and segment, what is usual among them, and who stands where.

Promise: all are compared as of one and the same day, so nothing is known of peers that was not known then.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import polars.selectors as cs
from scipy.stats import rankdata

from models.arrays import Floats, Ints
from models.bands import band_of

LEAST_PEERS = 30


@dataclass(frozen=True, slots=True)
class Peers:
    """The groups of peers of some rows: `group` (rows,) is each row's position in `names`."""

    names: tuple[str, ...]
    group: Ints

    def of_rows(self, rows: slice | Ints) -> "Peers":
        """Those of some of the rows."""
        return Peers(self.names, self.group[rows])


@dataclass(frozen=True, slots=True)
class Sums:
    """Per group and column (groups, columns) the total of what is known, and how many rows know it."""

    total: Floats
    known: Floats

    def __add__(self, other: "Sums") -> "Sums":
        """Of both together."""
        return Sums(self.total + other.total, self.known + other.known)

    @property
    def mean(self) -> Floats:
        """(groups, columns); NaN where nothing is known."""
        nothing = np.full_like(self.total, np.nan)
        return np.divide(self.total, self.known, out=nothing, where=self.known > 0)


def group_names(login_number: pl.Series, pays: pl.Series | None = None) -> pl.Series:
    """What each row's group is called: the band, and whether it pays where that is asked; null if either is unknown."""
    rows = pl.DataFrame({"number": login_number}).with_columns(
        pl.col("number").cast(pl.Float64).fill_nan(None)
    )
    band: pl.Expr = pl.when(pl.col("number").is_not_null()).then(band_of(pl.col("number")))
    if pays is not None:
        rows = rows.with_columns(pays.alias("pays"))
        band += pl.when("pays").then(pl.lit(", pays")).when(~pl.col("pays")).then(pl.lit(", never paid"))
    return rows.select(band.alias("group")).to_series()


def peers_of(login_number: pl.Series, pays: pl.Series | None = None) -> Peers:
    """Rows grouped by band of login numbers, and by whether the user ever paid, where the log tells it.

    A band is not parted where a part would have fewer than 30 rows: nobody's norm is made of a handful.
    """
    column = group_names(login_number)
    if pays is not None:
        told = pl.DataFrame({"band": column, "pays": pays, "parted": group_names(login_number, pays)})
        payers, others = pl.col("pays").sum().over("band"), (~pl.col("pays")).sum().over("band")
        both = pl.min_horizontal(payers, others) >= LEAST_PEERS
        column = told.select(pl.when(both).then(pl.coalesce("parted", "band")).otherwise("band")).to_series()
    names = sorted(column.unique().to_list())
    position = column.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64)
    return Peers(tuple(names), position.to_numpy())


def sums_of_peers(values: pl.DataFrame, peers: Peers) -> Sums:
    """What each of `values`' columns adds up to among peers; NaN and null count for nothing."""
    named = values.with_columns(cs.float().fill_nan(None)).with_columns(pl.Series("group", peers.group))
    every = pl.DataFrame({"group": range(len(peers.names))}, schema={"group": pl.Int64})

    def told(aggregate: pl.Expr) -> Floats:
        found = named.group_by("group").agg(aggregate.cast(pl.Float64))
        return every.join(found, on="group", how="left").sort("group").drop("group").fill_null(0).to_numpy()

    columns = pl.exclude("group")
    return Sums(told(columns.cast(pl.Float64).sum()), told(columns.count()))


def usual_of_peers(values: pl.DataFrame, peers: Peers) -> Floats:
    """(groups, columns): the mean of each of `values`' columns among peers; NaN and null count for nothing."""
    return sums_of_peers(values, peers).mean


def spread_of_peers(values: Floats, peers: Peers) -> Floats:
    """(groups, columns): the standard deviation of each of `values`' columns among peers; NaN for an empty group."""
    told = np.full((len(peers.names), values.shape[1]), np.nan)
    for number in np.unique(peers.group):
        told[number] = values[peers.group == number].std(axis=0)
    return told


def spread_of_bands(values: Floats, peers: Peers) -> Floats:
    """(groups, columns): the standard deviation of each of `values`' columns among all of a group's band.

    Of those who never paid, spending says the same of each: by a spread of next to nothing noise would stand out.
    """
    bands = [name.partition(",")[0] for name in peers.names]
    known = sorted(set(bands))
    place = np.array([known.index(band) for band in bands], dtype=np.int64)
    return spread_of_peers(values, Peers(tuple(known), place[peers.group]))[place]


def standardised(values: Floats, peers: Peers) -> Floats:
    """Each of `values` (rows, columns) above its peers' mean, in standard deviations of the band; 0 for no spread."""
    apart = values - usual_of_peers(pl.DataFrame(values), peers)[peers.group]
    spread = spread_of_bands(values, peers)[peers.group]
    return np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 1e-9)


def percentile_among_peers(values: Floats, peers: Peers) -> Floats:
    """The percentile of each of `values` (rows, columns) among peers: 0 to 100, 50 in the middle, ties alike."""
    ranks = np.empty_like(values)
    for number in range(len(peers.names)):
        mine = peers.group == number
        ranks[mine] = 100 * (rankdata(values[mine], axis=0) - 0.5) / mine.sum()
    return ranks
