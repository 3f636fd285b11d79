"""Reads the times of events, and converts instants to local days.

Promise: every instant is UTC in microseconds. An unreadable time is null, never a guess.
"""

import re
from datetime import UTC, datetime, timedelta

import polars as pl

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
UTC_TIME = pl.Datetime("us", "UTC")

_NAIVE = pl.Datetime("us")
_FIRST_YEAR, _LAST_YEAR = 1, 9998  # a day earlier or later is still a date
_FIRST_US = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp() * 1e6
_LAST_US = datetime(_LAST_YEAR, 12, 31, tzinfo=UTC).timestamp() * 1e6
_OFFSET = r"(?:[Zz]|UTC|GMT|(?<sign>[+-])(?<hours>0\d|1[0-4])(?::?(?<minutes>[0-5]\d))?)"
_DAY, _CLOCK = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_ISO = rf"^(?<local>{_DAY}(?:[T ]{_CLOCK})?) ?(?<offset>{_OFFSET})?$"
_ISO_FORMS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d")


def read_instants(column: pl.Series, time_format: str | None, timezone: str) -> pl.Series:
    """`column` as UTC instants; null where a time is unreadable.

    A text is ISO 8601 (`time_format` null; UTC and GMT are offsets too), of an epoch, or of a strptime
    format. A time without offset is local to `timezone`: the earlier one when the clock shows it twice,
    moved forward by the gap when the clock never shows it. An offset beyond 14 hours does not exist, so
    it is unreadable.
    """
    value, dtype = pl.col("value"), column.dtype
    frame = column.alias("value").to_frame()
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        in_utc = value.cast(pl.Datetime("us", dtype.time_zone)).dt.convert_time_zone("UTC")
        return frame.select(_plausible(in_utc)).to_series()
    if isinstance(dtype, pl.Datetime | pl.Date):
        return frame.select(localised(value.cast(_NAIVE), timezone)).to_series()
    if time_format in EPOCHS:
        return frame.select(_from_epoch(value, EPOCHS[time_format])).to_series()
    text = value.cast(pl.String).str.strip_chars()
    if time_format is None:
        return _from_iso(frame.select(text), timezone)
    return frame.select(_from_strptime(text, time_format, timezone)).to_series()


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


def at_day_start(at: pl.Expr, timezone: str, starts_at: timedelta) -> pl.Expr:
    """Whether `at` (UTC) is the very start of its local day."""
    day = local_day(at, timezone, starts_at)
    return at == local_day_end(day - timedelta(days=1), timezone, starts_at)


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


def _from_iso(texts: pl.DataFrame, timezone: str) -> pl.Series:
    """The column `value` step by step: an expression would match the pattern again at each mention."""
    parts = texts["value"].str.extract_groups(_ISO).struct.unnest()
    local = parts["local"].str.replace(",", ".", literal=True)
    naive = pl.Series(None, [None] * len(local), dtype=_NAIVE)
    for form in _ISO_FORMS:
        if naive.null_count() > local.null_count():
            naive = naive.zip_with(
                naive.is_not_null(), local.str.to_datetime(form, time_unit="us", strict=False)
            )
    parts = parts.with_columns(naive.alias("naive"))
    if parts["offset"].null_count() == len(local):
        return parts.select(localised(pl.col("naive"), timezone)).to_series()
    hours, minutes = (pl.col(name).cast(pl.Int64).fill_null(0) for name in ("hours", "minutes"))
    ahead = (hours * 60 + minutes) * pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    shifted = (_plausible(pl.col("naive")) - pl.duration(minutes=ahead, time_unit="us")).dt.replace_time_zone(
        "UTC"
    )
    unmarked = localised(pl.col("naive"), timezone)
    return parts.select(pl.when(pl.col("offset").is_null()).then(unmarked).otherwise(shifted)).to_series()


def _from_strptime(text: pl.Expr, time_format: str, timezone: str) -> pl.Expr:
    if re.search("%[:#]?z", time_format):
        return _plausible(text.str.to_datetime(time_format, time_unit="us", strict=False))
    if has_clock(time_format):
        return localised(text.str.to_datetime(time_format, time_unit="us", strict=False), timezone)
    return localised(text.str.to_date(time_format, strict=False).cast(_NAIVE), timezone)


def _plausible(at: pl.Expr) -> pl.Expr:
    return pl.when(at.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(at)
