"""Reads the time of an event, and tells local days from instants.

Promise: every instant is UTC in microseconds, and what cannot be read is null, never a guess.
"""

import re
from datetime import UTC, datetime, timedelta

import polars as pl

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
UTC_TIME = pl.Datetime("us", "UTC")

_NAIVE = pl.Datetime("us")
_FIRST_YEAR, _LAST_YEAR = 1, 9998  # so that a day earlier or later is still a date
_FIRST_US = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp() * 1e6
_LAST_US = datetime(_LAST_YEAR, 12, 31, tzinfo=UTC).timestamp() * 1e6
_OFFSET = r"(?:[Zz]|(?<sign>[+-])(?<hours>0\d|1[0-4])(?::?(?<minutes>[0-5]\d))?)"
_DAY, _CLOCK = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_ISO = rf"^(?<local>{_DAY}(?:[T ]{_CLOCK})?) ?(?<offset>{_OFFSET})?$"
_ISO_CLOCKS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


def read_instant(column: pl.Expr, dtype: pl.DataType, time_format: str | None, timezone: str) -> pl.Expr:
    """`column` as UTC instants; null where it holds none.

    A text is ISO 8601 (`time_format` null), of an epoch, or of a strptime format. A time without
    offset is local to `timezone`: the earlier one when the clock shows it twice, moved forward by the
    gap when the clock never shows it. An offset beyond 14 hours exists nowhere, so it is not read.
    """
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return _plausible(column.cast(pl.Datetime("us", dtype.time_zone)).dt.convert_time_zone("UTC"))
    if isinstance(dtype, pl.Datetime | pl.Date):
        return localised(column.cast(_NAIVE), timezone)
    if time_format in EPOCHS:
        return _from_epoch(column, EPOCHS[time_format])
    text = column.cast(pl.String).str.strip_chars()
    if time_format is None:
        return _from_iso(text, timezone)
    return _from_strptime(text, time_format, timezone)


def has_clock(time_format: str | None) -> bool:
    """Whether times written so have a time of day."""
    if time_format is None or time_format in EPOCHS:
        return True
    return re.search("%[-_0]?[HIklMSTRXcsr]", time_format) is not None


def localised(naive: pl.Expr, timezone: str) -> pl.Expr:
    """The UTC instants at which the clocks of `timezone` show `naive`."""
    bounded = _plausible(naive)
    if timezone == "UTC":
        return bounded.dt.replace_time_zone("UTC")
    # The clock skips an hour each spring; Samoa skipped a whole day in 2011.
    shown = [
        (bounded + jump).dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        for jump in (timedelta(), timedelta(hours=1), timedelta(days=1))
    ]
    return pl.coalesce(shown).dt.convert_time_zone("UTC")


def local_day(at: pl.Expr, timezone: str, starts_at: timedelta) -> pl.Expr:
    """The day that `at` (UTC) belongs to, where days begin at `starts_at` after local midnight."""
    local = at.dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    return (local - starts_at).dt.date()


def local_day_end(day: pl.Expr, timezone: str, starts_at: timedelta) -> pl.Expr:
    """The UTC instant at which `day` ends and the next begins."""
    return localised((day + timedelta(days=1)).cast(_NAIVE) + starts_at, timezone)


def _from_epoch(column: pl.Expr, microseconds: int) -> pl.Expr:
    number = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    since = (number * microseconds).round()
    readable = pl.when(since.is_between(_FIRST_US, _LAST_US)).then(since)
    return readable.cast(pl.Int64, strict=False).cast(_NAIVE).dt.replace_time_zone("UTC")


def _from_iso(text: pl.Expr, timezone: str) -> pl.Expr:
    groups = text.str.extract_groups(_ISO)
    local = groups.struct.field("local").str.replace(",", ".", literal=True)
    clocks = [local.str.to_datetime(form, time_unit="us", strict=False) for form in _ISO_CLOCKS]
    naive = _plausible(pl.coalesce(*clocks, local.str.to_date("%Y-%m-%d", strict=False).cast(_NAIVE)))
    minutes = groups.struct.field("hours").cast(pl.Int64).fill_null(0) * 60
    minutes += groups.struct.field("minutes").cast(pl.Int64).fill_null(0)
    ahead = pl.when(groups.struct.field("sign") == "-").then(-minutes).otherwise(minutes)
    shifted = (naive - pl.duration(minutes=ahead, time_unit="us")).dt.replace_time_zone("UTC")
    has_offset = groups.struct.field("offset").is_not_null()
    return pl.when(has_offset).then(shifted).otherwise(localised(naive, timezone))


def _from_strptime(text: pl.Expr, time_format: str, timezone: str) -> pl.Expr:
    if re.search("%[:#]?z", time_format):
        return _plausible(text.str.to_datetime(time_format, time_unit="us", strict=False))
    if has_clock(time_format):
        return localised(text.str.to_datetime(time_format, time_unit="us", strict=False), timezone)
    return localised(text.str.to_date(time_format, strict=False).cast(_NAIVE), timezone)


def _plausible(at: pl.Expr) -> pl.Expr:
    return pl.when(at.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(at)
