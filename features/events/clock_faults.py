"""Faults of the clocks that wrote the times of a log.

Promise: faults are counted, and nothing changes. A log in order of time from correct clocks has no fault.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, get_args

import polars as pl

from features.events.log_bounds import LogBounds, log_bounds
from features.timestamps import ELSEWHERE, EPOCHS, count_other_unit, has_clock, read_instants

ClockFault = Literal[
    "other_epoch_unit", "impossible_offset", "skipped_by_the_clock", "shown_twice", "ahead_of_neighbours",
    "in_1970", "before_start", "after_end",
]  # fmt: skip
CLOCK_FAULTS: tuple[ClockFault, ...] = get_args(ClockFault)

NEIGHBOURS = 25
_DAY = timedelta(days=1)
_LEAST_SAMPLES = 20
_OUT_OF_ORDER = 0.1
_CLOCK = r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? ?"
_ANY_OFFSET = rf"{_CLOCK}[+-]\d+(?::?\d+)?$"
_REAL_OFFSET = rf"{_CLOCK}[+-](?:0\d|1[0-4])(?::?[0-5]\d)?$"

_EPOCH_DAYS = (date(1969, 12, 31), date(1970, 1, 1))  # 0 seconds, in any zone
_FIRST_ZONED, _LAST_ZONED = date(1900, 1, 1), date(2100, 1, 1)


def line_faults(
    times: pl.Series, at: pl.Series, formats: Sequence[str | None], timezone: str
) -> Counter[ClockFault]:
    """By fault the number of lines with a time that no correct clock shows.

    `times`: as written; `at`: as read (null: unreadable).

    - `other_epoch_unit`: numbers of another unit than the contract's, by their magnitude.
    - `impossible_offset`: unreadable, with an offset beyond 14 hours.
    - `skipped_by_the_clock`, `shown_twice`: local times without offset that `timezone` does not have, or has
      twice, where its clocks change.
    - `ahead_of_neighbours`: more than a day later than each of the 25 lines before and the 25 after, in a log
      written in order of time (newest first too). Two such lines close together are not counted.
    """
    faults: Counter[ClockFault] = Counter()
    faults["other_epoch_unit"] = count_other_unit(times, formats)
    faults["impossible_offset"] = _impossible_offsets(times.filter(at.is_null()))
    if not EPOCHS.keys() & set(formats) and has_clock(formats):
        near = _near_a_change(at, timezone)
        faults.update(_at_changes(times.filter(near), formats, timezone))
    faults["ahead_of_neighbours"] = _ahead_of_neighbours(at.drop_nulls())
    return +faults


def day_faults(days: pl.DataFrame, bounds: LogBounds, ends_on: date | None) -> Counter[ClockFault]:
    """By fault the number of events beyond the log's `bounds`, from `days` (day: Date, events: count > 0).

    `in_1970`: at the epoch itself, before the log; `before_start`: before it otherwise; `after_end`: more than
    a day after the last complete one, which the log itself tells (a day cut short is no fault, and what
    follows `ends_on` need not be one).
    """
    end = bounds.log_end if ends_on is None else max(ends_on, log_bounds(days, None).log_end)
    day, early = pl.col("day"), pl.col("day") < bounds.log_start
    counts = days.select(
        in_1970=pl.col("events").filter(early & day.is_in(_EPOCH_DAYS)).sum(),
        before_start=pl.col("events").filter(early & ~day.is_in(_EPOCH_DAYS)).sum(),
        after_end=pl.col("events").filter(day > end + _DAY).sum(),
    ).row(0, named=True)
    return +Counter({fault: int(counts[fault]) for fault in CLOCK_FAULTS if fault in counts})


def _impossible_offsets(unread: pl.Series) -> int:
    if unread.is_empty():
        return 0
    text = unread.cast(pl.String, strict=False).str.strip_chars()
    return int((text.str.contains(_ANY_OFFSET) & ~text.str.contains(_REAL_OFFSET)).sum())


def _near_a_change(at: pl.Series, timezone: str) -> pl.Series:
    """Whether the clocks of `timezone` change within two days of `at`."""
    dates = at.dt.date()
    days = dates.unique().drop_nulls()
    sensible = days.filter(days.is_between(_FIRST_ZONED, _LAST_ZONED)).alias("day").to_frame()
    changing = sensible.filter(
        _utc_offset(pl.col("day") - 2 * _DAY, timezone) != _utc_offset(pl.col("day") + 2 * _DAY, timezone)
    )
    return dates.is_in(changing["day"].implode()).fill_null(value=False)


def _utc_offset(day: pl.Expr, timezone: str) -> pl.Expr:
    midnight = day.cast(pl.Datetime("us"))
    return (
        midnight.dt.replace_time_zone("UTC").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
        - midnight
    )


def _at_changes(times: pl.Series, formats: Sequence[str | None], timezone: str) -> Counter[ClockFault]:
    # A time with an offset is the same instant in every time zone.
    shown, elsewhere = (read_instants(times, formats, zone) for zone in ("UTC", ELSEWHERE))
    local = shown.filter(shown != elsewhere).dt.replace_time_zone(None)
    exists, once = (
        local.dt.replace_time_zone(timezone, ambiguous=ambiguous, non_existent="null").count()
        for ambiguous in ("earliest", "null")
    )
    return Counter({"skipped_by_the_clock": local.count() - exists, "shown_twice": exists - once})


def _ahead_of_neighbours(at: pl.Series) -> int:
    sampled = at.gather_every(2 * NEIGHBOURS + 1)
    if sampled.len() < _LEAST_SAMPLES:
        return 0
    falling = (sampled.diff().drop_nulls() < timedelta()).mean()
    if not isinstance(falling, float) or _OUT_OF_ORDER < falling < 1 - _OUT_OF_ORDER:
        return 0
    frame = at.alias("at").to_frame()
    before, after = pl.col("at").shift(), pl.col("at").shift(-1)
    stands_out = (pl.col("at") > before + _DAY) & (pl.col("at") > after + _DAY)
    if not frame.select(stands_out.any()).item():  # spares the windows in most logs
        return 0
    latest_before = before.rolling_max(NEIGHBOURS)
    latest_after = after.reverse().rolling_max(NEIGHBOURS).reverse()
    ahead = pl.col("at") > pl.max_horizontal(latest_before, latest_after) + _DAY
    whole = latest_before.is_not_null() & latest_after.is_not_null()
    return int(frame.select((ahead & whole).sum()).item())
