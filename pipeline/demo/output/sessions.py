"""When users play: sessions with the hours of their time zone, none across midnight UTC.

Promise: a session lies within its login day in UTC, so the truth's day is the log's day.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import Ints
from pipeline.demo.behaviour.days import Evening
from pipeline.demo.draws import Draws
from pipeline.demo.world.countries import utc_offsets
from pipeline.demo.world.population import Population

DAY_SECONDS = 86_400
_SPREAD_HOURS = 2.8
_LUNCH_SHARE = 0.15
_WEEKEND_EARLIER = 3.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """All sessions of a day, by login row and then start; seconds of the UTC day, both inclusive."""

    row: Ints
    start: Ints
    end: Ints
    first: Ints
    """For each login row, the position of its first session."""


def sessions(draws: Draws, evening: Evening, people: Population, weekday: int) -> Sessions:
    """The sessions of `evening`."""
    number = evening.deeds.sessions
    row = np.repeat(np.arange(number.size), number)
    user = evening.who[row]
    rank = np.arange(row.size) - np.repeat(np.cumsum(number) - number, number)
    peak = people.peak_hour[user] - (_WEEKEND_EARLIER if weekday >= 5 else 0.0)
    peak = np.where(draws.uniform("lunch", user, rank) < _LUNCH_SHARE, 12.5, peak)
    hour = peak + _SPREAD_HOURS * draws.normal("hour", user, rank) - utc_offsets()[people.country[user]]
    start = np.floor(hour % 24 * 3600).astype(np.int64) % DAY_SECONDS
    start = start[np.lexsort((start, row))]

    length = evening.deeds.minutes[row] * 60 * (0.5 + draws.uniform("length", user, rank))
    until = np.append(start[1:] - 1, DAY_SECONDS - 1)
    until[np.append(row[1:] != row[:-1], True)] = DAY_SECONDS - 1
    end = np.maximum(np.minimum(start + length.astype(np.int64), until), start)
    return Sessions(row, start, end, np.cumsum(number) - number)
