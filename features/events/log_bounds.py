"""The first and the last complete day of a log, from its events per day.

Promise: a few wrong clocks, by a day or by fifty years, change neither of them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import polars as pl

from features.errors import ContractError

USUAL_DAYS = 28
IN_LINE = 0.1
"""A day is in line with the days before it when it has this share of their median count."""

LONGEST_HOLE_DAYS = 14
LONGEST_FIRST_HOLE_DAYS = 90
STRAY_AFTER, STRAY_BEFORE = 0.01, 0.001
FEW = 2
"""At most this number of events proves nothing, however small the log."""


class EndsTooLateError(ContractError):
    """`ends_on` lies after `last`, the last day of the log."""

    def __init__(self, ends_on: date, last: date) -> None:
        super().__init__(
            f"log.ends_on = {ends_on}: the last day of the log is {last}.\n"
            f"Give {last} or an earlier day, or null to find the last complete one."
        )
        self.last = last


@dataclass(frozen=True, slots=True)
class LogBounds:
    """First and last complete local day, and the numbers of events before and after."""

    log_start: date
    log_end: date
    before_start: int
    after_end: int


def log_bounds(days: pl.DataFrame, ends_on: date | None) -> LogBounds:
    """The bounds of a log with `days` (day: Date, events: count > 0; at least one row).

    Leading and trailing days beyond an unusual hole come from wrong clocks if they have almost no events. Of the other
    days, the end is the last day in line with the 28 days up to the 99 % event. A thin tail of clocks ahead is not in
    line, nor is a last day with less than a tenth of the usual events. An export at noon looks like a whole day:
    give `ends_on`. It is then the end, and later events do not change the start.
    Raises ContractError when `ends_on` has no event and lies before the start, EndsTooLateError after the last day.
    """
    counts = dict(days.group_by("day").agg(pl.col("events").sum()).sort("day").iter_rows())
    kept = _without_strays(counts)
    if ends_on is not None:
        if ends_on not in counts:
            _check_within(ends_on, min(kept), max(kept))
        kept = _without_strays({day: count for day, count in counts.items() if day <= ends_on})
    start, end = min(kept), ends_on or _last_in_line(kept)
    before = sum(count for day, count in counts.items() if day < start)
    after = sum(count for day, count in counts.items() if day > end)
    return LogBounds(start, end, before, after)


def _check_within(ends_on: date, first: date, last: date) -> None:
    if ends_on < first:
        raise ContractError(
            f"log.ends_on (or --as-of) = {ends_on}: the log begins only on {first}.\n"
            "Give its last complete day, or null to find it."
        )
    if ends_on > last:
        raise EndsTooLateError(ends_on, last)


def _without_strays(counts: dict[date, int]) -> dict[date, int]:
    """`counts` without leading and trailing days that an unusual hole separates from the body of the log."""
    days, total = list(counts), sum(counts.values())
    first, last = _day_at(counts, 0.25), _day_at(counts, 0.75)
    hole = max(_holes([day for day in days if first <= day <= last]), default=0)
    after = [day for day in days if day > last]
    for index, day in enumerate(after):
        gap = (day - last).days
        beyond = sum(counts[later] for later in after[index:])
        if gap > max(LONGEST_HOLE_DAYS, 3 * hole) and beyond <= max(STRAY_AFTER * total, FEW):
            break
        hole, last = max(hole, gap), day
    before = [day for day in reversed(days) if day < first]
    for index, day in enumerate(before):
        gap = (first - day).days
        beyond = sum(counts[earlier] for earlier in before[index:])
        if gap > max(LONGEST_FIRST_HOLE_DAYS, 3 * hole) and beyond <= max(STRAY_BEFORE * total, FEW):
            break
        hole, first = max(hole, gap), day
    return {day: count for day, count in counts.items() if first <= day <= last}


def _last_in_line(counts: dict[date, int]) -> date:
    """The last day with a tenth of the usual events, reached without an unusual hole."""
    days = list(counts)
    busy = _day_at(counts, 0.99)
    last = max((day for day in days if day <= busy and counts[day] >= _least(counts, busy)), default=busy)
    hole = max(_holes([day for day in days if day <= last]), default=0)
    for day in days:
        if day <= last or counts[day] < _least(counts, last):
            continue
        if (day - last).days > max(LONGEST_HOLE_DAYS, 3 * hole):
            break
        last = day
    return last


def _least(counts: dict[date, int], last: date) -> float:
    """The least count of a day in line, from the days up to `last`, including empty ones."""
    usual = median(counts.get(last - timedelta(days=back), 0) for back in range(USUAL_DAYS))
    return max(1.0, IN_LINE * usual)


def _day_at(counts: dict[date, int], share: float) -> date:
    """The first day up to which `share` of all events happened."""
    total, cumulated = sum(counts.values()), 0
    for day, count in counts.items():
        cumulated += count
        if cumulated >= share * total:
            return day
    return max(counts)


def _holes(days: list[date]) -> list[int]:
    return [(later - earlier).days for earlier, later in pairwise(days)]
