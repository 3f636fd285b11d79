"""What each user did in the time up to the last login: the number of events of each group or kind of the contract.

Promise: memory holds the days of two buckets, and one row per user.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.contract.model import Contract
from features.names import group_measure, kind_measures, words_of
from models.segmentation.play_styles import LEAST_USES
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import buckets_in, columns_of, read_bucket

Floats = NDArray[np.float64]
PLAY_DAYS = 90
"""The days that end with the last login. In 30 days too few events tell a casual user's play style."""
_EVERY_DAY = (
    0.95  # a group that occurs on this share of login days says that a user came, and not how they play
)


@dataclass(frozen=True, slots=True)
class PlayCounts:
    """`counts`: `user_id` and a column of events for each of `uses`, which are groups or kinds of the contract.

    `words`: what each of them is called in sentences.
    """

    uses: tuple[str, ...]
    words: tuple[str, ...]
    counts: pl.DataFrame

    def of(self, user_ids: pl.Series) -> Floats:
        """(users, uses) the counts of these users; 0 for one who did nothing."""
        users = user_ids.alias("user_id").to_frame()
        counts = users.join(self.counts, on="user_id", how="left", maintain_order="left").drop("user_id")
        return np.asarray(counts.fill_null(0).to_numpy(), dtype=np.float64).reshape(
            len(user_ids), len(self.uses)
        )


def play_counts(
    activity: Path, contract: Contract, until: date, former_uses: Sequence[str] | None = None
) -> PlayCounts:
    """The events of each user in the `PLAY_DAYS` days up to the last login on or before the day `until`.

    `activity`: the folder of user-days. The uses are the contract's groups; if fewer than three have events, its
    kinds. Those of nearly every login day, as the login itself, are left out if three remain. If the contract still has
    all of `former_uses`, those of former styles, they stay.
    """
    groups = {group: group_measure(group) for group in contract.groups}
    kinds = kind_measures(contract.groups)
    there = set(columns_of(activity))
    found = [{use: name for use, name in uses.items() if name in there} for uses in (groups, kinds)]
    measures = sorted({name for uses in found for name in uses.values()})

    def of_bucket(bucket: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        return _of_days(
            read_bucket(activity, bucket, ["user_id", "day", "logins", *measures]), measures, until
        )

    parts = over_buckets(of_bucket, buckets_in(activity))
    days = reduce(lambda one, other: one + other, (days for _, days in parts)).row(0, named=True)
    chosen = _chosen(found, days, former_uses)
    counts = pl.concat([counts for counts, _ in parts])
    named = (pl.col(name).alias(use) for use, name in chosen.items())
    words = tuple(_words(use, contract) for use in chosen)
    return PlayCounts(tuple(chosen), words, counts.select("user_id", *named))


def _words(use: str, contract: Contract) -> str:
    """The words for a use. The name of a group is one of many events as it stands."""
    words = words_of(use, contract.words)
    return words.one if use in contract.groups else words.many


def _of_days(days: pl.DataFrame, measures: Sequence[str], until: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The counts of each user, and in one row the number of login days, `logins`, and of those with each measure."""
    came = pl.col("logins") > 0
    known = days.filter(pl.col("day") <= until).with_columns(
        last=pl.col("day").filter(came).max().over("user_id")
    )
    first = pl.col("last") - timedelta(days=PLAY_DAYS)
    recent = known.filter((pl.col("day") <= pl.col("last")) & (pl.col("day") > first))
    counts = recent.group_by("user_id", maintain_order=True).agg(pl.col(measures).sum())
    return counts, known.filter(came).select(pl.len().alias("logins"), (pl.col(measures) > 0).sum())


def _chosen(
    found: Sequence[dict[str, str]], days: dict[str, int], former_uses: Sequence[str] | None
) -> dict[str, str]:
    """By use its measure."""
    for uses in found:
        if former_uses is not None and set(former_uses) <= set(uses):
            return {use: uses[use] for use in former_uses}
    of_log = [{use: name for use, name in uses.items() if days[name]} for uses in found]
    uses = next((uses for uses in of_log if len(uses) >= LEAST_USES), {})
    telling = {use: name for use, name in uses.items() if days[name] < _EVERY_DAY * days["logins"]}
    return telling if len(telling) >= LEAST_USES else uses
