"""Frames on disk: one Parquet file, or one per bucket of users.

Promise: the same frame gives the same bytes.
"""

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from pipeline.storage.commit import finish_commits
from pipeline.storage.files import found_whole
from pipeline.storage.manifest import complete_buckets, write_manifest

_NOT_WRITTEN: Final = (
    "transport error"  # what Polars makes of a disk that is full when the end of a file is written
)
_COMPRESSION: Final = "lz4"  # a third larger than zstd, and a third faster to write and to read


def bucket_file(folder: Path, bucket: int) -> Path:
    """The file of one bucket of users below `folder`."""
    return folder / f"bucket={bucket:04d}" / "part.parquet"


def buckets_in(folder: Path) -> list[int]:
    """The buckets below `folder`, in order.

    Raises InputError when the folder has no bucket, or lacks some.
    """
    return complete_buckets(folder)


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame` to `path`, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        frame.write_parquet(path, compression=_COMPRESSION, statistics=False)
    except pl.exceptions.ComputeError as error:
        if _NOT_WRITTEN not in str(error):
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error


def write_one_after_another(parts: Iterable[Path], path: Path) -> None:
    """Write the rows of some Parquet files with the same columns into one, in their order. Memory holds a piece.

    Raises InputError when one is missing or damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scans = []
    for part in parts:
        with found_whole(part):
            pl.read_parquet_schema(part)
        scans.append(scan_table(part))
    pl.concat(scans).sink_parquet(path, compression="zstd", statistics=False, maintain_order=True)


def write_buckets(frames: Iterable[pl.DataFrame], folder: Path) -> None:
    """Write each of `frames` as a bucket of `folder`, numbered from 0, and the manifest."""
    for bucket, frame in enumerate(frames):
        write_parquet(frame, bucket_file(folder, bucket))
    write_manifest(folder)


def read_table(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """One Parquet file. Raises InputError when it is missing or damaged."""
    finish_commits(path)
    with found_whole(path):
        return pl.read_parquet(path, columns=columns, hive_partitioning=False)


def scan_table(path: Path) -> pl.LazyFrame:
    """One Parquet file, to be read later and in part."""
    finish_commits(path)
    return pl.scan_parquet(path, hive_partitioning=False)


def columns_of(path: Path) -> pl.Schema:
    """The columns of one Parquet file, or of a folder of buckets, and their types."""
    file = bucket_file(path, buckets_in(path)[0]) if path.is_dir() else path
    finish_commits(file)
    with found_whole(file):
        return pl.Schema(pl.read_parquet_schema(file))


def scan_buckets(folder: Path) -> list[pl.LazyFrame]:
    """Each bucket below `folder`, in bucket order, to be read later and in part."""
    return [scan_table(bucket_file(folder, bucket)) for bucket in buckets_in(folder)]


def read_bucket(folder: Path, bucket: int, columns: list[str] | None = None) -> pl.DataFrame:
    """One bucket below `folder`. Raises InputError when it is missing or damaged."""
    finish_commits(folder)
    return read_table(bucket_file(folder, bucket), columns)


def read_buckets(folder: Path, columns: Iterable[str] | None = None) -> pl.DataFrame:
    """All buckets below `folder` as one frame, in bucket order."""
    wanted = None if columns is None else list(columns)
    return pl.concat([read_bucket(folder, bucket, wanted) for bucket in buckets_in(folder)])
