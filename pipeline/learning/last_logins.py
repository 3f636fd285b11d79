"""Users at their last logins: kept once, read a batch of buckets at a time.

Promise: login rows are read once. Memory holds the rows of two buckets or of one batch.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.catalogue.roles import PAID
from models.explanation.peers import USUAL, Peers, peers_of
from pipeline.runner.local import over_buckets
from pipeline.runner.progress import with_progress
from pipeline.storage.frames import bucket_file, buckets_in, columns_of, read_bucket, write_parquet

BATCH_USERS = 20_000
"""With 200 features their last and usual values take 45 MiB, and their contributions 30 MiB."""


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

    def each(self, saying: str) -> Iterable[Batch]:
        """The batches, with their progress shown."""
        return with_progress(self.batches, saying)

    def read(self, batch: Batch, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of a batch, in the order of `peers`. `columns`: read only these and `user_id`."""
        wanted = None if columns is None else ["user_id", *columns]
        return pl.concat(over_buckets(lambda bucket: read_bucket(self.folder, bucket, wanted), batch.buckets))


def store_last_logins(logins: Path, anonymous: Path, features: Sequence[str], folder: Path) -> LastLogins:
    """Read all login rows once, by bucket. Write each user's last row, with usual values, below `folder`.

    `logins`: the folder of the login rows; `features`: the ones to give usual values of. A batch holds at most
    20,000 users, or one bucket. Visitors who are still `anonymous` (a folder of buckets) are left out.
    """

    def last_of(bucket: int) -> pl.DataFrame:
        visitors = read_bucket(anonymous, bucket, ["user_id"])
        rows = read_bucket(logins, bucket).join(visitors, on="user_id", how="anti", maintain_order="left")
        return _last_rows(rows, features)

    return _stored(last_of, logins, folder, "profile: last logins")


def store_listed(
    listed: Path, logins: Path, features: Sequence[str], lead_days: int, folder: Path
) -> LastLogins:
    """The users of the list as known on its day, with usual values, as `store_last_logins` stores them.

    `listed`: the folder of their rows; users whose silence has reached the horizon are left out. `features`: those of
    the list. The silence has no usual value.
    """
    of_logins = [name for name in features if name in columns_of(logins)]

    def rows_of(bucket: int) -> pl.DataFrame:
        rows = read_bucket(listed, bucket).filter(pl.col("silent_days") < pl.col("window_days") - lead_days)
        history = read_bucket(logins, bucket, ["user_id", *of_logins]).join(rows, on="user_id", how="semi")
        usual = _last_rows(history, of_logins).select("user_id", f"^{USUAL}.*$")
        without = [
            pl.lit(None, pl.Float32).alias(f"{USUAL}{name}") for name in features if name not in of_logins
        ]
        return rows.join(usual, on="user_id", how="left", maintain_order="left").with_columns(without)

    return _stored(rows_of, listed, folder, "score: listed users")


def _last_rows(rows: pl.DataFrame, features: Sequence[str]) -> pl.DataFrame:
    """The last of each user's `rows`, with the means of `features` over the earlier ones."""
    usual = pl.col(features).slice(0, pl.len() - 1).fill_nan(None).mean().name.prefix(USUAL)
    return rows.group_by("user_id", maintain_order=True).agg(pl.exclude("user_id").last(), usual)


def _stored(rows_of: Callable[[int], pl.DataFrame], source: Path, folder: Path, saying: str) -> LastLogins:
    """Write the rows of each bucket of `source` below `folder`."""
    buckets = buckets_in(source)
    paid = [PAID] if PAID in columns_of(source) else []

    def write(bucket: int) -> pl.DataFrame:
        rows = rows_of(bucket)
        write_parquet(rows, bucket_file(folder, bucket))
        return rows.select("login_number", *paid)

    known = over_buckets(write, buckets, saying)
    users = pl.concat(known)
    peers = peers_of(users["login_number"], users[PAID] > 0 if paid else None)
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
