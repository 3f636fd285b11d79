"""Reference values of peers, stored so that a served model compares its rows with the same values.

Promise: values that are written and read again are equal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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

    `known`: (groups, features), the share of the peers that have a value. `spread`: (groups, dimensions), the standard
    deviation of the raised risk in the group's band; without `dimensions` it is not known yet.
    """

    names: tuple[str, ...]
    features: tuple[str, ...]
    dimensions: tuple[str, ...]
    usual: Floats
    known: Floats
    spread: Floats

    def with_spread(self, weight: Floats, peers: Peers, dimensions: Sequence[str]) -> "PeerReference":
        """The reference with the spread of `weight` (rows, dimensions), the raised risk of the rows of `peers`."""
        everybody = Peers((EVERYBODY,), np.zeros(len(peers.group), dtype=np.int64))
        spread = np.vstack([spread_of_bands(weight, peers), spread_of_peers(weight, everybody)])
        return replace(self, dimensions=tuple(dimensions), spread=spread)

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
            _Group(name, _plain(usual), _plain(known), _plain(spread))
            for name, usual, known, spread in zip(
                self.names, self.usual, self.known, self.spread, strict=True
            )
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

    def usual_of(self, features: Sequence[str]) -> Floats:
        """(rows, features) the usual values of peers; NaN for a feature without a reference."""
        return self._of(self.peers.usual, features, np.nan)

    def known_of(self, features: Sequence[str]) -> Floats:
        """(rows, features) the share of peers that have a value; 0 for a feature without a reference."""
        return self._of(self.peers.known, features, 0.0)

    def _of(self, of_groups: Floats, features: Sequence[str], without: float) -> Floats:
        index = {name: i for i, name in enumerate(self.peers.features)}
        padded = np.hstack([of_groups, np.full((len(of_groups), 1), without)])
        positions = np.array([index.get(name, len(index)) for name in features], dtype=np.int64)
        return np.asarray(padded[self.group][:, positions])

    def of_rows(self, rows: slice) -> "PeerPlacement":
        """The same for some of the rows."""
        return PeerPlacement(self.peers, self.group[rows])


def peer_reference(sums: Sums, peers: Peers, features: Sequence[str]) -> PeerReference:
    """The reference values of `peers` for `features`, from their `sums`; the spread is not known yet."""
    whole = Sums(sums.total.sum(axis=0, keepdims=True), sums.known.sum(axis=0, keepdims=True))
    members = np.bincount(peers.group, minlength=len(peers.names)).astype(np.float64)
    rows = np.maximum([*members, members.sum()], 1.0)[:, None]
    return PeerReference(
        (*peers.names, EVERYBODY),
        tuple(features),
        (),
        np.vstack([sums.mean, whole.mean]),
        np.vstack([sums.known, whole.known]) / rows,
        np.empty((len(rows), 0)),
    )


def from_json(value: Mapping[str, Any]) -> PeerReference:
    """The inverse of `as_json`. Raises DataError when `value` does not have that form."""
    file = artefacts.from_json(_File, value, "reference values of peers")
    features, dimensions = len(file.features), len(file.dimensions)
    found = [(len(group.usual), len(group.spread)) for group in file.groups]
    if set(found) - {(features, dimensions)} or any(len(group.known) != features for group in file.groups):
        sizes = sorted(set(found))
        raise DataError(
            f"reference values of peers: groups of {', '.join(f'{a} and {b}' for a, b in sizes)} numbers, where "
            f"{features} features and {dimensions} dimensions are named."
        )
    names = tuple(group.name for group in file.groups)
    if names[-1:] != (EVERYBODY,):
        raise DataError(f"reference values of peers: the last group is not {EVERYBODY}.")
    usual = _matrix([group.usual for group in file.groups])
    known, spread = (_matrix([getattr(group, part) for group in file.groups]) for part in ("known", "spread"))
    return PeerReference(names, file.features, file.dimensions, usual, known, spread)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of peers in peers.json; None: no value is known."""

    name: str
    usual: tuple[float | None, ...]
    known: tuple[float | None, ...]
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
