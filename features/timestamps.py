"""Reads the times of events, and converts instants to local days.

Promise: every instant is UTC in microseconds. An unreadable time is null, never a guess.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

EPOCHS: dict[str, float | None] = {
    "epoch_s": 1e6, "epoch_ms": 1e3, "epoch_us": 1.0, "epoch_ns": 1e-3, "epoch": None,
}  # fmt: skip
"""By name the microseconds of one unit; `epoch`: the unit follows from the magnitude of each number."""
UTC_TIME = pl.Datetime("us", "UTC")

EARLIEST_ZONE = "Etc/GMT-14"
"""No clock is ahead of the clock of this zone."""

_NAIVE = pl.Datetime("us")
ELSEWHERE = "Etc/GMT+12"
"""A zone whose clock differs from that of any place: a time that is the same instant here has an offset of its own."""
_FIRST_YEAR, _LAST_YEAR = 1, 9998  # a day earlier or later is still a date
_FIRST_US = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp() * 1e6
_LAST_US = datetime(_LAST_YEAR, 12, 31, tzinfo=UTC).timestamp() * 1e6
_PLAUSIBLE_FROM = datetime(1990, 1, 1, tzinfo=UTC).timestamp() * 1e6
_PLAUSIBLE_TO = datetime(2100, 1, 1, tzinfo=UTC).timestamp() * 1e6
_OFFSET = r"(?:[Zz]|UTC|GMT|(?<sign>[+-])(?<hours>0\d|1[0-4])(?::?(?<minutes>[0-5]\d))?)"
_DAY, _CLOCK = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_ISO = rf"^(?<local>{_DAY}(?:[T ]{_CLOCK})?) ?(?<offset>{_OFFSET})?$"
_ISO_FORMS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d")


def read_instants(
    column: pl.Series,
    formats: Sequence[str | None],
    timezone: str,
    *,
    epoch_is_local: bool = False,
) -> pl.Series:
    """`column` as UTC instants; null where a time is unreadable.

    A text is read by the first of `formats` that fits: ISO 8601 (null; UTC and GMT are offsets too), an epoch, or a
    strptime format. A time without offset, and an epoch with `epoch_is_local`, is local to `timezone`: the earlier one
    when the clock shows it twice, moved forward by the gap when the clock never shows it. An offset beyond 14 hours
    does not exist, so it is unreadable. A number that an epoch would put before 1990 or after 2100, and another unit
    between the two, counts this other unit.
    """
    dtype = column.dtype
    if isinstance(dtype, pl.Datetime | pl.Date) or len(formats) == 1:
        return _read(column, formats[0], timezone, epoch_is_local=epoch_is_local)
    read = _read(column, formats[0], timezone, epoch_is_local=epoch_is_local)
    for other in formats[1:]:
        missing = read.is_null() & column.is_not_null()
        if missing.any():
            left = column.to_frame("left").select(pl.when(missing).then(pl.col("left"))).to_series()
            read = read.zip_with(~missing, _read(left, other, timezone, epoch_is_local=epoch_is_local))
    return read


def read_instants_in_zones(
    column: pl.Series,
    formats: Sequence[str | None],
    zones: pl.Series,
    *,
    epoch_is_local: bool = False,
) -> pl.Series:
    """`column` as `read_instants` reads it, each value in its zone of `zones`; null where there is no such zone.

    A zone is a name of the IANA list, or an offset such as +05:30.
    """
    found = pl.Series("at", [None] * len(column), dtype=UTC_TIME)
    for zone in zones.unique().drop_nulls():
        here, ahead = zones == zone, offset_of(zone)
        if ahead is None and not is_zone(zone):
            continue
        own = column.to_frame("own").select(pl.when(here).then(pl.col("own"))).to_series()
        name = zone if ahead is None else "UTC"
        read = read_instants(own, formats, name, epoch_is_local=epoch_is_local)
        if ahead is not None:
            elsewhere = read_instants(own, formats, ELSEWHERE, epoch_is_local=epoch_is_local)
            read = (read - ahead).zip_with((read != elsewhere).fill_null(value=False), read)
        found = read.zip_with(here.fill_null(value=False), found)
    return found


def in_own_zones(at: pl.Series, zones: pl.Series, timezone: str) -> pl.Series:
    """The instants at which the clock of `timezone` shows what the clocks of `zones` show at `at`."""
    frame = pl.DataFrame([at.alias("at"), zones.alias("zone")])
    shown = pl.lit(None, _NAIVE)
    for zone in zones.unique().drop_nulls():
        ahead = offset_of(zone)
        if ahead is not None:
            local = pl.col("at").dt.replace_time_zone(None) + ahead
        elif is_zone(zone):
            local = pl.col("at").dt.convert_time_zone(zone).dt.replace_time_zone(None)
        else:
            continue
        shown = pl.when(pl.col("zone") == zone).then(local).otherwise(shown)
    return frame.select(localised(shown, timezone).alias("at")).to_series()


def offset_of(zone: str) -> timedelta | None:
    """How far an offset such as +05:30 is ahead of UTC; None for a name.

    >>> offset_of("+05:30"), offset_of("-8"), offset_of("Asia/Tokyo")
    (datetime.timedelta(seconds=19800), datetime.timedelta(days=-1, seconds=57600), None)
    """
    found = re.fullmatch(r"(?:UTC|GMT)?([+-])(0?\d|1[0-4])(?::?([0-5]\d))?", zone)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -ahead if sign == "-" else ahead


def is_zone(name: str) -> bool:
    """Whether `name` is a zone of the IANA list."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def count_other_unit(column: pl.Series, formats: Sequence[str | None]) -> int:
    """How many numbers of `column` count another unit than the one epoch of `formats`, by their magnitude."""
    named = [EPOCHS[one] for one in formats if one in EPOCHS]
    if len(named) != 1 or named[0] is None:
        return 0
    number = _epoch_numbers(pl.col("value"))
    return int(column.alias("value").to_frame().select(_counts_another_unit(number, named[0]).sum()).item())


def _read(column: pl.Series, time_format: str | None, timezone: str, *, epoch_is_local: bool) -> pl.Series:
    value, dtype = pl.col("value"), column.dtype
    frame = column.alias("value").to_frame()
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        in_utc = value.cast(pl.Datetime("us", dtype.time_zone)).dt.convert_time_zone("UTC")
        return frame.select(_plausible(in_utc)).to_series()
    if isinstance(dtype, pl.Datetime | pl.Date):
        return frame.select(localised(value.cast(_NAIVE), timezone)).to_series()
    if time_format in EPOCHS:
        naive = _from_epoch(value, EPOCHS[time_format])
        return frame.select(localised(naive, timezone if epoch_is_local else "UTC")).to_series()
    text = value.cast(pl.String).str.strip_chars()
    if time_format is None:
        return _from_iso(frame.select(text), timezone)
    return frame.select(_from_strptime(text, time_format, timezone)).to_series()


def has_clock(formats: Sequence[str | None]) -> bool:
    """Whether times written in one of `formats` have a time of day."""
    return any(_has_clock(one) for one in formats)


def _has_clock(time_format: str | None) -> bool:
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


def _epoch_numbers(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)


def _from_epoch(column: pl.Expr, microseconds: float | None) -> pl.Expr:
    """The clock's time (naive); null beyond the years that a date has."""
    number = _epoch_numbers(column)
    unit = _unit_by_magnitude(number)
    if microseconds is not None:
        declared = pl.lit(microseconds)
        unit = pl.when(_counts_another_unit(number, microseconds)).then(unit).otherwise(declared)
    since = (number * unit).round()
    readable = pl.when(since.is_between(_FIRST_US, _LAST_US)).then(since)
    return readable.cast(pl.Int64, strict=False).cast(_NAIVE)


def _unit_by_magnitude(number: pl.Expr) -> pl.Expr:
    """Microseconds of one unit: each unit reaches from 1973 (0 for seconds) to 5138."""
    size = number.abs()
    return (
        pl.when(size < 1e11).then(1e6).when(size < 1e14).then(1e3).when(size < 1e17).then(1.0).otherwise(1e-3)
    )


def _counts_another_unit(number: pl.Expr, microseconds: float) -> pl.Expr:
    as_declared = (number * microseconds).is_between(_PLAUSIBLE_FROM, _PLAUSIBLE_TO)
    by_magnitude = (number * _unit_by_magnitude(number)).is_between(_PLAUSIBLE_FROM, _PLAUSIBLE_TO)
    return (~as_declared & by_magnitude).fill_null(value=False)


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
    if _has_clock(time_format):
        return localised(text.str.to_datetime(time_format, time_unit="us", strict=False), timezone)
    return localised(text.str.to_date(time_format, strict=False).cast(_NAIVE), timezone)


def _plausible(at: pl.Expr) -> pl.Expr:
    return pl.when(at.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(at)
