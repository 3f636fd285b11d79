"""Checks the data sets that a stage reads or writes against their declarations in `datasets.py`."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.storage.data_set import Buckets, DataSet, Table
from pipeline.storage.datasets import data_sets_within
from pipeline.storage.files import found_whole
from pipeline.storage.manifest import write_manifest


def complete(declared: Path, path: Path) -> None:
    """Write the manifests of the folders of buckets below `path`. `declared`: the path of `path` in `datasets.py`."""
    for data_set, target in _within(declared, path):
        if isinstance(data_set, Buckets) and target.is_dir():
            write_manifest(target)


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
