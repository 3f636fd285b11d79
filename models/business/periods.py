"""Calendar months and weeks of a log, and where a day lies among them.

Promise: a period is a whole calendar period. One that the log covers in part is marked.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from models.arrays import Flags, Ints
from models.labels.sequence import day_number

Grain = Literal["month", "week"]
_EPOCH = date(1970, 1, 1)
_MONDAY = 3
"""1970-01-01 was a Thursday: so many days after a Monday."""
YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Periods:
    """The calendar periods that a log touches, in order; `log_start`, `log_end`: its first and last day.

    Days are numbered from 1970-01-01, and periods of any time by `number_of`.
    """

    grain: Grain
    log_start: date
    log_end: date

    @property
    def first_number(self) -> int:
        """The number of the first period."""
        return int(self.number_of(np.array([day_number(self.log_start)]))[0])

    def __len__(self) -> int:
        return int(self.number_of(np.array([day_number(self.log_end)]))[0]) - self.first_number + 1

    def number_of(self, days: Ints) -> Ints:
        """The number of the period of each day: months since 1970-01, or weeks since that of 1970-01-01."""
        if self.grain == "week":
            return (days + _MONDAY) // 7
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)

    def index_of(self, days: Ints) -> Ints:
        """The position of the period of each day among the periods of the log."""
        return self.number_of(days) - self.first_number

    @property
    def firsts(self) -> Ints:
        """(periods,) the first day of each period, also of days before the log."""
        numbers = np.arange(len(self) + 1) + self.first_number
        if self.grain == "week":
            return numbers * 7 - _MONDAY
        return numbers.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)

    @property
    def begins(self) -> Ints:
        """(periods,) the first day of each period."""
        return self.firsts[:-1]

    @property
    def ends(self) -> Ints:
        """(periods,) the last day of each period that the log covers."""
        return np.minimum(self.firsts[1:] - 1, day_number(self.log_end))

    @property
    def days(self) -> Ints:
        """(periods,) the number of days of each period that the log covers."""
        return self.ends - np.maximum(self.begins, day_number(self.log_start)) + 1

    @property
    def partial(self) -> Flags:
        """(periods,) whether the log covers a part of the period only."""
        return self.days < np.diff(self.firsts)

    @property
    def labels(self) -> list[str]:
        """The name of each period: 2024-03, or 2024-W09."""
        return [label_of(self.grain, int(number)) for number in np.arange(len(self)) + self.first_number]


def label_of(grain: Grain, number: int) -> str:
    """The name of the period with this number (`Periods.number_of`)."""
    if grain == "month":
        return str(np.datetime64(number, "M"))
    year, week, _ = date_of(number * 7 - _MONDAY + 3).isocalendar()
    return f"{year}-W{week:02d}"


def date_of(day: int) -> date:
    """The date of a numbered day."""
    return _EPOCH + timedelta(days=day)
