"""Sums by period and group of users, and 95 % intervals by resampling the groups.

Users are placed into random groups by their ids. A figure is a function of sums over users, so a sum for each period
and group is all that has to be kept of a bucket. Drawing groups with replacement draws their users together: the
bootstrap of users with clusters, whose variance is that of users, as groups are random (Wolter 2007, "Introduction to
Variance Estimation", ch. 2). The same draws serve all periods and figures, so differences of periods are paired.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from models.arrays import Floats, Ints

GROUPS = 256
Totals = dict[str, Ints]
"""A sum by name: i64 (periods, GROUPS)."""


@dataclass(frozen=True, slots=True)
class Members:
    """The users of a bucket: `group` (users,), the group of each."""

    group: Ints

    def by_group(self, of_users: np.ndarray) -> Ints:
        """(periods, GROUPS): the sums of `of_users`, i64 or bool (users, periods)."""
        count = len(self.group)
        membership = csr_array(
            (np.ones(count, dtype=np.int64), (self.group, np.arange(count))), shape=(GROUPS, count)
        )
        return np.asarray((membership @ of_users.astype(np.int64)).T)

    def summed(self, rows: pl.DataFrame, names: Iterable[str], periods: int) -> Totals:
        """The sums of the i64 columns `names` of `rows`, which have `user` (a number) and `period` (a position)."""
        wanted = list(names)
        grouped = (
            rows.with_columns(group=pl.Series(self.group).gather(rows["user"]))
            .group_by("period", "group")
            .agg(pl.col(wanted).sum())
        )
        where = (grouped["period"].to_numpy(), grouped["group"].to_numpy())
        totals = {name: np.zeros((periods, GROUPS), dtype=np.int64) for name in wanted}
        for name in wanted:
            totals[name][where] = grouped[name].to_numpy()
        return totals


def added(parts: Iterable[Mapping[str, Ints]]) -> Totals:
    """The totals of all buckets."""
    whole: Totals = {}
    for part in parts:
        for name, sums in part.items():
            whole[name] = whole[name] + sums if name in whole else sums
    return whole


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each group is drawn: (resamplings, GROUPS)."""

    times: Ints

    def of(self, totals: Mapping[str, Ints]) -> dict[str, Floats]:
        """(resamplings, periods) of each total."""
        return {
            name: self.times.astype(np.float64) @ sums.T.astype(np.float64) for name, sums in totals.items()
        }


def drawn(resamplings: int, seed: int) -> Draws:
    """The draws of `resamplings` resamplings. The same numbers give the same draws."""
    random = np.random.default_rng(seed)
    return Draws(random.multinomial(GROUPS, np.full(GROUPS, 1 / GROUPS), size=resamplings))
