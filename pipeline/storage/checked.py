"""The declared data sets below a path that a stage reads or writes: are they as `datasets.py` says?"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.storage.datasets import Buckets, DataSet, Table, data_sets_within
from pipeline.storage.files import found_whole
from pipeline.storage.manifest import write_manifest


def complete(declared: Path, path: Path) -> None:
    """Write what says that the buckets of users below `path` are all; `declared`: its path in `datasets.py`."""
    for data_set, place in _within(declared, path):
        if isinstance(data_set, Buckets) and place.is_dir():
            write_manifest(place)


def check_columns(declared: Path, path: Path) -> None:
    """Raise InputError naming a file below `path` whose columns are not those of its data set, and the column."""
    for data_set, place in _within(declared, path):
        if not isinstance(data_set, Buckets | Table):
            continue
        files = sorted(place.glob("bucket=*/*.parquet")) if isinstance(data_set, Buckets) else [place]
        for file in files:
            if file.is_file():
                with found_whole(file):
                    columns = pl.read_parquet_schema(file)
                data_set.schema.check(columns, file, data_set.stage)


def _within(declared: Path, path: Path) -> Iterator[tuple[DataSet, Path]]:
    for data_set in data_sets_within(declared):
        yield data_set, path / data_set.path.relative_to(declared)
