"""Values of Arrow that Polars does not have are read as near as possible, or null."""

from datetime import date
from decimal import Decimal

import pyarrow as pa

from pipeline.external.arrow_values import frame_of


def test_dates_beyond_the_calendar_are_null() -> None:
    days = pa.array([0, 2**31 - 1, -(2**31), None], pa.int32()).cast(pa.date32())
    millis = pa.array([86_400_000, 2**63 - 1, -(2**63), None], pa.int64()).view(pa.date64())
    frame = frame_of(pa.RecordBatch.from_arrays([days, millis], names=["days", "millis"]))
    assert frame["days"].to_list() == [date(1970, 1, 1), None, None, None]
    assert frame["millis"].to_list() == [date(1970, 1, 2), None, None, None]


def test_nested_values_with_a_date_beyond_the_calendar_are_null() -> None:
    days = pa.array([0, 2**31 - 1, 1], pa.int32()).cast(pa.date32())
    offsets = pa.array([0, 1, 3], pa.int32())
    lists = pa.ListArray.from_arrays(offsets, days)
    structs = pa.StructArray.from_arrays([lists], names=["inner"])
    sound = pa.ListArray.from_arrays(offsets, pa.array([0, 1, 2], pa.int32()).cast(pa.date32()))
    frame = frame_of(pa.RecordBatch.from_arrays([lists, structs, sound], names=["lists", "structs", "sound"]))
    assert frame["lists"].to_list() == [None, None]
    assert frame["structs"].null_count() == 2 or frame["structs"].to_list() == [{"inner": None}] * 2
    assert frame["sound"].to_list()[0] == [date(1970, 1, 1)]


def test_decimals_of_more_than_38_digits_become_text() -> None:
    wide = pa.array([Decimal("12.50"), None], pa.decimal256(70, 2))
    assert frame_of(pa.RecordBatch.from_arrays([wide], names=["sum"]))["sum"].to_list() == ["12.50", None]
