"""Where frames lie: one Parquet file per bucket of users, and JSON reports.

Promise: the same frame gives the same bytes.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from models.errors import DataError
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


@contextmanager
def found_whole(path: Path) -> Iterator[None]:
    """Within it, `path` is read. Raises InputError when what a stage wrote there is gone, cut off or no such thing."""
    try:
        yield
    except (
        FileNotFoundError, pl.exceptions.ComputeError, json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError,
        DataError,
    ) as error:  # fmt: skip
        what = "there is no such file" if isinstance(error, FileNotFoundError) else f"damaged: {error}"
        raise InputError(f"{path}: {what}.\nFetch it whole, or make it anew: dvc repro") from error


def write_json(value: Any, path: Path) -> None:
    """Write `value` as JSON that a person can read and a diff can compare. NaN is refused.

    Dataclasses are written field by field, and what JSON does not know as its text.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, default=_plain, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def read_json(path: Path) -> Any:
    """What `write_json` wrote."""
    return json.loads(path.read_text("utf-8"))
