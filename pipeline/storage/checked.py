"""Checks the data sets that a stage reads or writes against their declarations in `datasets.py`."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.storage.data_set import Buckets, DataSet, Folder, Json, Table
from pipeline.storage.datasets import data_sets_within
from pipeline.storage.digests import refuse_changed
from pipeline.storage.files import found_whole, read_whole_json
from pipeline.storage.frames import read_table
from pipeline.storage.manifest import refuse_changed_buckets, write_manifest


def complete(declared: Path, path: Path) -> None:
    """Write the manifests of the folders of buckets below `path`. `declared`: the path of `path` in `datasets.py`."""
    for data_set, target in _within(declared, path):
        if isinstance(data_set, Buckets) and target.is_dir():
            write_manifest(target)


def refuse_damaged(declared: Path, path: Path) -> None:
    """Raise InputError naming the first file at or below `path` that is no JSON, or not as its folder lists it."""
    for data_set, target in _within(declared, path):
        if isinstance(data_set, Buckets) and target.is_dir():
            refuse_changed_buckets(target)
        elif isinstance(data_set, Folder):
            refuse_changed(target, data_set.stage)
        elif isinstance(data_set, Json) and target.is_file():
            read_whole_json(target)


def refuse_unreadable(path: Path) -> None:
    """Raise InputError naming the first Parquet or JSON file at or below `path` that cannot be read to its end.

    For a failure that nobody has explained yet: it reads everything.
    """
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.suffix == ".parquet":
            read_table(file)
        elif file.suffix == ".json":
            read_whole_json(file)


def check_columns(declared: Path, path: Path) -> None:
    """Raise InputError naming the first file below `path` with a wrong column, and that column."""
    for data_set, target in _within(declared, path):
        if not isinstance(data_set, Buckets | Table):
            continue
        files = sorted(target.glob("bucket=*/*.parquet")) if isinstance(data_set, Buckets) else [target]
        for file in files:
            if file.is_file():
                with found_whole(file):
                    columns = pl.read_parquet_schema(file)
                data_set.schema.check(columns, file, data_set.stage)


def _within(declared: Path, path: Path) -> Iterator[tuple[DataSet, Path]]:
    for data_set in data_sets_within(declared):
        yield data_set, path / data_set.path.relative_to(declared)
