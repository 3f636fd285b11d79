"""Batches of a Parquet file of a log as frames."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.external.arrow_values import frame_of
from pipeline.ingestion.column_names import refuse_names
from pipeline.ingestion.opening import opened


def frames_of(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """The rows of `path` by at most `rows`.

    Raises InputError when two columns have one name, or one has a name that cannot be used.
    """
    stream = opened(path, "parquet")
    file = pq.ParquetFile(stream if stream.seekable() else pa.BufferReader(stream.read()))
    refuse_names(file.schema_arrow.names, str(path))
    for batch in file.iter_batches(batch_size=rows):
        yield frame_of(batch)
