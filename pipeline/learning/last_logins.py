"""Users at their last logins: kept once, read a batch of buckets at a time.

Promise: login rows are read once. Memory holds the rows of two buckets or of one batch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.catalogue.roles import PAID
from models.explanation.peers import Peers, peers_of
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import bucket_file, buckets_in, columns_of, read_bucket, write_parquet

BATCH_USERS = 20_000
"""With 200 features their last and usual values take 45 MiB, and their contributions 30 MiB."""
USUAL = "usual:"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some buckets, and the rows of their users in `LastLogins.peers`."""

    buckets: tuple[int, ...]
    rows: slice


@dataclass(frozen=True, slots=True)
class LastLogins:
    """All users at their last logins: one row per user in a file per bucket below `folder`.

    A row has the columns of the login row. `usual:NAME` is the mean of a feature over the user's earlier rows.
    """

    folder: Path
    peers: Peers
    batches: tuple[Batch, ...]

    def having(self, names: Iterable[str]) -> list[str]:
        """Those of `names` that are columns of the rows."""
        columns = columns_of(bucket_file(self.folder, self.batches[0].buckets[0]))
        return [name for name in names if name in columns]

    def read(self, batch: Batch, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of a batch, in the order of `peers`. `columns`: read only these and `user_id`."""
        wanted = None if columns is None else ["user_id", *columns]
        return pl.concat(over_buckets(lambda bucket: read_bucket(self.folder, bucket, wanted), batch.buckets))


def store_last_logins(logins: Path, features: Sequence[str], folder: Path) -> LastLogins:
    """Read all login rows once, by bucket. Write each user's last row, with usual values, below `folder`.

    `logins`: the folder of the login rows; `features`: the ones to give usual values of. A batch holds at most
    20,000 users, or one bucket.
    """
    buckets = buckets_in(logins)
    has_paid = PAID in columns_of(logins)
    earlier = pl.col(features).slice(0, pl.len() - 1).fill_nan(None)
    usual = earlier.mean().name.prefix(USUAL)

    def of_bucket(bucket: int) -> pl.DataFrame:
        rows = read_bucket(logins, bucket)
        last = rows.group_by("user_id", maintain_order=True).agg(pl.exclude("user_id").last(), usual)
        write_parquet(last, bucket_file(folder, bucket))
        return last.select("login_number", *([PAID] if has_paid else []))

    known = over_buckets(of_bucket, buckets, "profile: last logins")
    users = pl.concat(known)
    peers = peers_of(users["login_number"], users[PAID] > 0 if has_paid else None)
    return LastLogins(folder, peers, tuple(batches_of(buckets, [part.height for part in known])))


def batches_of(buckets: Sequence[int], users: Sequence[int]) -> list[Batch]:
    """`buckets` in batches of at most 20,000 users, or of one bucket. `users`: the number of users of each bucket."""
    batches: list[Batch] = []
    for bucket, count in zip(buckets, users, strict=True):
        before = batches[-1] if batches else None
        if before is not None and before.rows.stop - before.rows.start + count <= BATCH_USERS:
            batches[-1] = Batch((*before.buckets, bucket), slice(before.rows.start, before.rows.stop + count))
        else:
            start = 0 if before is None else before.rows.stop
            batches.append(Batch((bucket,), slice(start, start + count)))
    return batches
