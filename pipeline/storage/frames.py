"""Where frames lie: one Parquet file, or one per bucket of users.

Promise: the same frame gives the same bytes.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from pipeline.errors import InputError

_COMPRESSION: Final = "lz4"  # a third larger than zstd, a third faster to write, and to read each time


def bucket_file(folder: Path, bucket: int) -> Path:
    """The file of one bucket of users below `folder`."""
    return folder / f"bucket={bucket:04d}" / "part.parquet"


def buckets_in(folder: Path) -> list[int]:
    """The buckets below `folder`, in order.

    Raises InputError when there is none.
    """
    found = sorted(int(path.name.removeprefix("bucket=")) for path in folder.glob("bucket=*"))
    if not found:
        raise InputError(f"{folder}: holds no bucket=… folder.\nRun the stage that writes it: dvc repro")
    return found


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame` to `path`, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path, compression=_COMPRESSION, statistics=False)


def read_bucket(folder: Path, bucket: int, columns: list[str] | None = None) -> pl.DataFrame:
    """One bucket below `folder`."""
    return pl.read_parquet(bucket_file(folder, bucket), columns=columns, hive_partitioning=False)


def read_buckets(folder: Path, columns: Iterable[str] | None = None) -> pl.DataFrame:
    """All buckets below `folder` as one frame, in bucket order."""
    wanted = None if columns is None else list(columns)
    return pl.concat([read_bucket(folder, bucket, wanted) for bucket in buckets_in(folder)])
