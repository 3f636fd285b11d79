"""Batches of a Parquet file as frames.

Promise: text that is not UTF-8, instants that no date has, and zones by offset are read as well as they can be; none
of them ends the run.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import InputError
from pipeline.ingestion.opening import opened

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_370_764_800  # the years 1 to 9998
_REPLACED = "replace"


def frames_of(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """The rows of `path` by at most `rows`. Raises InputError when two of its columns have one name."""
    stream = opened(path, "parquet")
    file = pq.ParquetFile(stream if stream.seekable() else pa.BufferReader(stream.read()))
    names = file.schema_arrow.names
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{path}: two columns are named {twice[0]!r}.\nRename one of them.")
    for batch in file.iter_batches(batch_size=rows):
        sound = _sound(batch)
        columns = {name: _column(sound.column(name)) for name in sound.schema.names}
        yield pl.DataFrame(pl.from_arrow(pa.table(columns)))


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """`batch` with texts that are UTF-8: other bytes become U+FFFD, and nested values that hold such are null."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        return pa.RecordBatch.from_arrays(
            [_repaired(column) for column in batch.columns], names=batch.schema.names
        )
    return batch


def _repaired(column: pa.Array) -> pa.Array:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            return pa.nulls(len(column))
        raw = (
            column.cast(pa.large_binary())
            if pa.types.is_large_string(column.type)
            else column.cast(pa.binary())
        )
        return pa.array([None if one is None else one.decode("utf-8", _REPLACED) for one in raw.to_pylist()])
    return column


def _column(column: pa.Array) -> pa.Array:
    kind = column.type
    if not pa.types.is_timestamp(kind):
        return column
    count = column.cast(pa.int64())
    per_second = _PER_SECOND[kind.unit]
    if kind.unit != "ns":  # nanoseconds reach from 1677 to 2262
        dated = pc.and_(
            pc.greater_equal(count, _FIRST_SECOND * per_second), pc.less(count, _LAST_SECOND * per_second)
        )
        count = pc.if_else(dated, count, pa.scalar(None, pa.int64()))
    unit, factor = ("ms", 1_000) if kind.unit == "s" else (kind.unit, 1)
    whole = pc.multiply(count, factor) if factor != 1 else count
    return whole.cast(pa.timestamp(unit, None if kind.tz is None else "UTC"))
