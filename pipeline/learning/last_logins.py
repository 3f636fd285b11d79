"""Users at their last logins, read a batch of buckets at a time.

Promise: memory holds the login rows of one batch, however many users there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.catalogue.roles import PAID
from models.explanation.peers import Peers, peers_of
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import bucket_file, buckets_in, read_bucket

BATCH_USERS = 20_000
"""With 200 features their last and usual values take 45 MiB, and their contributions 30."""
USUAL = "usual:"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some buckets, and the rows that their users have in `peers_in`."""

    buckets: tuple[int, ...]
    rows: slice


def peers_in(logins: Path) -> tuple[Peers, list[Batch]]:
    """The peers of all users at their last login, bucket after bucket, and the batches to read them in.

    A batch holds 20,000 users at most, or one bucket. `logins`: the folder of the login rows.
    """
    buckets = buckets_in(logins)
    there = pl.read_parquet_schema(bucket_file(logins, buckets[0]))
    wanted = ["user_id", "login_number", *(name for name in (PAID,) if name in there)]
    known = [_last(read_bucket(logins, bucket, wanted)) for bucket in buckets]
    users = pl.concat(known)
    peers = peers_of(users["login_number"], users[PAID] > 0 if PAID in wanted else None)
    return peers, batches_of(buckets, [part.height for part in known])


def last_and_usual(logins: Path, batch: Batch, names: Sequence[str]) -> pl.DataFrame:
    """Each user's last login row, and as `usual:NAME` the mean of each feature over the rows before it."""
    earlier = pl.col(names).slice(0, pl.len() - 1).fill_nan(None)
    usual = earlier.mean().name.prefix(USUAL)

    def of_bucket(bucket: int) -> pl.DataFrame:
        rows = read_bucket(logins, bucket)
        return rows.group_by("user_id", maintain_order=True).agg(pl.exclude("user_id").last(), usual)

    return pl.concat(over_buckets(of_bucket, batch.buckets))


def last_rows(logins: Path, batch: Batch, columns: Sequence[str]) -> pl.DataFrame:
    """`user_id` and `columns` of each user's last login row."""
    wanted = ["user_id", *columns]
    return pl.concat(_last(read_bucket(logins, bucket, wanted)) for bucket in batch.buckets)


def _last(rows: pl.DataFrame) -> pl.DataFrame:
    """The last of each user's `rows`, which are sorted by user and day."""
    following = pl.col("user_id").shift(-1)
    return rows.filter(following.is_null() | (pl.col("user_id") != following))


def batches_of(buckets: Sequence[int], users: Sequence[int]) -> list[Batch]:
    """`buckets`, which hold so many `users` each, in batches of 20,000 users at most, or of one bucket."""
    found: list[Batch] = []
    for bucket, count in zip(buckets, users, strict=True):
        before = found[-1] if found else None
        if before is not None and before.rows.stop - before.rows.start + count <= BATCH_USERS:
            found[-1] = Batch((*before.buckets, bucket), slice(before.rows.start, before.rows.stop + count))
        else:
            start = 0 if before is None else before.rows.stop
            found.append(Batch((bucket,), slice(start, start + count)))
    return found
