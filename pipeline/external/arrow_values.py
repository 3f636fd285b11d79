"""Batches of Arrow as frames of Polars.

Promise: text that is not UTF-8, instants and dates that no calendar has, zones by offset and very wide decimals are
read as well as they can be; none of them ends the run.
"""

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_370_764_800  # the years 1 to 9998
_DAY = 86_400
_REPLACED = "replace"


def frame_of(batch: pa.RecordBatch) -> pl.DataFrame:
    """`batch`, whose columns have different names, as a frame.

    Bytes in a text that are no UTF-8 become U+FFFD, and nested values that hold such are null. Dates and instants
    before the year 1 or after 9998 are null, and so are all nested values of a batch that hold one. Decimals of more
    than 38 digits become text.
    """
    sound = _sound(batch)
    columns = {name: _column(sound.column(name)) for name in sound.schema.names}
    return pl.DataFrame(pl.from_arrow(pa.table(columns)))


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
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
        if pa.types.is_dictionary(column.type):
            return _repaired(column.dictionary).take(column.indices)
        if pa.types.is_date64(column.type):  # with a time of day, or beyond the calendar: `_column` reads it
            return column
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
    if pa.types.is_dictionary(kind):  # an order of categories means nothing here, and few casts know them
        return _column(column.dictionary.take(column.indices))
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_date32(kind):
        return _within(column.cast(pa.int32()), 1 / _DAY).cast(pa.date32())
    if pa.types.is_date64(kind):
        days = pc.divide(_within(column.view(pa.int64()), 1_000), _DAY * 1_000)
        return days.cast(pa.int32()).cast(pa.date32())
    if pa.types.is_nested(kind) and any(_beyond_calendar(leaf) for leaf in _leaves(column)):
        return pa.nulls(len(column), kind)
    return column.cast(pa.string()) if pa.types.is_decimal256(kind) else column


def _leaves(column: pa.Array) -> list[pa.Array]:
    """The arrays of single values in nested ones."""
    kind = column.type
    if pa.types.is_struct(kind):
        parts = column.flatten()
    elif pa.types.is_map(kind):
        parts = [column.keys, column.items]
    elif pa.types.is_nested(kind) and hasattr(column, "flatten"):
        parts = [column.flatten()]
    else:
        return [column]
    return [leaf for part in parts for leaf in _leaves(part)]


def _beyond_calendar(leaf: pa.Array) -> bool:
    """Whether a date or an instant of `leaf` is one that no calendar has."""
    dated = pa.types.is_date(leaf.type) or pa.types.is_timestamp(leaf.type)
    return bool(dated and _column(leaf).null_count > leaf.null_count)


def _instants(column: pa.Array) -> pa.Array:
    kind, count = column.type, column.cast(pa.int64())
    if kind.unit != "ns":  # nanoseconds reach from 1677 to 2262
        count = _within(count, _PER_SECOND[kind.unit])
    unit, factor = ("ms", 1_000) if kind.unit == "s" else (kind.unit, 1)
    whole = pc.multiply(count, factor) if factor != 1 else count
    return whole.cast(pa.timestamp(unit, None if kind.tz is None else "UTC"))


def _within(count: pa.Array, per_second: float) -> pa.Array:
    """`count`, null outside the years that a date has. `per_second`: how many of its units are a second."""
    first, last = (
        pa.scalar(int(second * per_second), count.type) for second in (_FIRST_SECOND, _LAST_SECOND)
    )
    dated = pc.and_(pc.greater_equal(count, first), pc.less(count, last))
    return pc.if_else(dated, count, pa.scalar(None, count.type))
