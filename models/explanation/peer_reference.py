"""Reference values of peers, stored so that a served model compares its rows with the same values.

Promise: values that are written and read again are equal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from models import artefacts
from models.arrays import Floats, Ints
from models.errors import DataError
from models.explanation.peers import Peers, Sums, group_names, spread_of_bands, spread_of_peers

EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class PeerReference:
    """Groups of peers, the last one everybody. `usual`: (groups, features), the mean of known values, NaN for none.

    `spread`: (groups, dimensions), the standard deviation of the raised risk in the group's band.
    """

    names: tuple[str, ...]
    features: tuple[str, ...]
    dimensions: tuple[str, ...]
    usual: Floats
    spread: Floats

    def among(self, rows: pl.DataFrame, login_number: str, paid: str) -> "PeerPlacement":
        """The group of each of `rows`, by the columns with these names; everybody where they are missing or null."""
        if login_number not in rows.columns:
            return PeerPlacement(self, np.full(rows.height, len(self.names) - 1, dtype=np.int64))
        index = {name: i for i, name in enumerate(self.names)}
        number = rows[login_number]
        pays = (
            [rows[paid].cast(pl.Float64).fill_nan(None) > 0] if paid in rows.columns else []
        )  # NaN > 0 is true
        finest = [group_names(number, known) for known in pays]
        known = [
            names.replace_strict(index, default=None, return_dtype=pl.Int64)
            for names in (*finest, group_names(number))
        ]
        groups = pl.select(pl.coalesce(*(pl.lit(series) for series in known), pl.lit(len(self.names) - 1)))
        return PeerPlacement(self, groups.to_series().to_numpy())

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        groups = [
            _Group(name, _plain(usual), _plain(spread))
            for name, usual, spread in zip(self.names, self.usual, self.spread, strict=True)
        ]
        return artefacts.as_json(_File(self.features, self.dimensions, tuple(groups)))


@dataclass(frozen=True, slots=True)
class PeerPlacement:
    """`group`: (rows,) the position of each row's group among the groups of `peers`."""

    peers: PeerReference
    group: Ints

    @property
    def spread(self) -> Floats:
        """(rows, dimensions)."""
        return self.peers.spread[self.group]

    def usual(self, feature: Ints) -> Floats:
        """(rows,) the usual value of each row's `feature`, a position."""
        return self.peers.usual[self.group, feature]

    def of_rows(self, rows: slice) -> "PeerPlacement":
        """The same for some of the rows."""
        return PeerPlacement(self.peers, self.group[rows])


def peer_reference(
    sums: Sums, weight: Floats, peers: Peers, features: Sequence[str], dimensions: Sequence[str]
) -> PeerReference:
    """The reference values of `peers`: features from `sums`, dimensions from `weight` (rows, dimensions)."""
    whole = Sums(sums.total.sum(axis=0, keepdims=True), sums.known.sum(axis=0, keepdims=True))
    everybody = Peers((EVERYBODY,), np.zeros(len(peers.group), dtype=np.int64))
    return PeerReference(
        (*peers.names, EVERYBODY),
        tuple(features),
        tuple(dimensions),
        np.vstack([sums.mean, whole.mean]),
        np.vstack([spread_of_bands(weight, peers), spread_of_peers(weight, everybody)]),
    )


def from_json(value: Mapping[str, Any]) -> PeerReference:
    """The inverse of `as_json`. Raises DataError when `value` does not have that form."""
    file = artefacts.from_json(_File, value, "reference values of peers")
    features, dimensions = len(file.features), len(file.dimensions)
    if any((len(group.usual), len(group.spread)) != (features, dimensions) for group in file.groups):
        sizes = sorted({(len(group.usual), len(group.spread)) for group in file.groups})
        raise DataError(
            f"reference values of peers: groups of {', '.join(f'{a} and {b}' for a, b in sizes)} numbers, where "
            f"{features} features and {dimensions} dimensions are named."
        )
    names = tuple(group.name for group in file.groups)
    if names[-1:] != (EVERYBODY,):
        raise DataError(f"reference values of peers: the last group is not {EVERYBODY}.")
    usual = _matrix([group.usual for group in file.groups])
    return PeerReference(
        names, file.features, file.dimensions, usual, _matrix([group.spread for group in file.groups])
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of peers in peers.json; None: no value is known."""

    name: str
    usual: tuple[float | None, ...]
    spread: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """The content of peers.json."""

    features: tuple[str, ...]
    dimensions: tuple[str, ...]
    groups: tuple[_Group, ...]


def _plain(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in values)


def _matrix(rows: Sequence[Sequence[float | None]]) -> Floats:
    return np.array(rows, dtype=np.float64)
