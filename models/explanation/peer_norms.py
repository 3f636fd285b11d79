"""What is usual among peers, as numbers that outlive the day they were made on: a served model compares with them too.

Promise: written and read again they are the very same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from models.arrays import Floats, Ints
from models.errors import DataError
from models.explanation.peers import Peers, Sums, group_names, spread_of_bands, spread_of_peers

EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class PeerNorms:
    """Groups of peers, and at last everybody: `usual` (groups, features), the mean of what is known, NaN for nothing.

    `spread`: (groups, dimensions), the standard deviation of what raises the risk among all of the group's band.
    """

    names: tuple[str, ...]
    features: tuple[str, ...]
    dimensions: tuple[str, ...]
    usual: Floats
    spread: Floats

    def among(self, rows: pl.DataFrame, login_number: str, paid: str) -> "PeerPlacement":
        """Which group each of `rows` is of, by the columns called so; everybody's where they cannot tell."""
        if login_number not in rows.columns:
            return PeerPlacement(self, np.full(rows.height, len(self.names) - 1, dtype=np.int64))
        place = {name: i for i, name in enumerate(self.names)}
        number = rows[login_number]
        pays = (
            [rows[paid].cast(pl.Float64).fill_nan(None) > 0] if paid in rows.columns else []
        )  # NaN > 0 is true
        finest = [group_names(number, known) for known in pays]
        known = [
            names.replace_strict(place, default=None, return_dtype=pl.Int64)
            for names in (*finest, group_names(number))
        ]
        found = pl.select(pl.coalesce(*(pl.lit(series) for series in known), pl.lit(len(self.names) - 1)))
        return PeerPlacement(self, found.to_series().to_numpy())

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "features": list(self.features),
            "dimensions": list(self.dimensions),
            "groups": [
                {"name": name, "usual": _plain(usual), "spread": _plain(spread)}
                for name, usual, spread in zip(self.names, self.usual, self.spread, strict=True)
            ],
        }


@dataclass(frozen=True, slots=True)
class PeerPlacement:
    """Which of the norms' groups (rows,) some rows are of."""

    norms: PeerNorms
    group: Ints

    @property
    def spread(self) -> Floats:
        """(rows, dimensions)."""
        return self.norms.spread[self.group]

    def usual(self, feature: Ints) -> Floats:
        """(rows,) what is usual of one feature, by position, for each row."""
        return self.norms.usual[self.group, feature]

    def of_rows(self, rows: slice) -> "PeerPlacement":
        """Of some of the rows."""
        return PeerPlacement(self.norms, self.group[rows])


def peer_norms(
    sums: Sums, weight: Floats, peers: Peers, features: Sequence[str], dimensions: Sequence[str]
) -> PeerNorms:
    """The norms of `peers`: of `features` by their `sums`, of `dimensions` by `weight` (rows, dimensions)."""
    whole = Sums(sums.total.sum(axis=0, keepdims=True), sums.known.sum(axis=0, keepdims=True))
    everybody = Peers((EVERYBODY,), np.zeros(len(peers.group), dtype=np.int64))
    return PeerNorms(
        (*peers.names, EVERYBODY),
        tuple(features),
        tuple(dimensions),
        np.vstack([sums.mean, whole.mean]),
        np.vstack([spread_of_bands(weight, peers), spread_of_peers(weight, everybody)]),
    )


def from_json(told: Mapping[str, Any]) -> PeerNorms:
    """What `as_json` gave. Raises DataError when it is no such thing."""
    try:
        features, dimensions = tuple(told["features"]), tuple(told["dimensions"])
        names = tuple(str(group["name"]) for group in told["groups"])
        usual, spread = (
            np.array([group[name] for group in told["groups"]], dtype=np.float64)
            for name in ("usual", "spread")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"reference values of peers: not readable: {type(error).__name__}: {error}."
        ) from error
    shapes = ((len(names), len(features)), (len(names), len(dimensions)))
    if (usual.shape, spread.shape) != shapes or EVERYBODY not in names[-1:]:
        raise DataError(
            f"reference values of peers: {usual.shape} and {spread.shape} numbers where {shapes} are named."
        )
    return PeerNorms(names, features, dimensions, usual, spread)


def _plain(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
