"""The days of the demo log: day 0 is its first day, earlier days are negative.

The log ends on a fixed day, so a log of other length differs in its beginning only. The days before
it hold what makes prices matter: the Turkish lira lost half its worth in November and December 2021,
the zloty and the forint a tenth in February and March 2022 (ECB reference rates).
"""

from dataclasses import dataclass
from datetime import date, timedelta

LAST_DAY = date(2022, 3, 31)
BURN_IN_DAYS = 150
"""Days lived before the log begins, so that it begins in the middle of its users' lives."""

SEASON_DAYS = 60
"""Days from one season with new content to the next."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The calendar of a log of `days` days."""

    days: int

    def date_of(self, day: int) -> date:
        """The calendar date of `day`."""
        return LAST_DAY - timedelta(days=self.days - 1 - day)

    def weekday_of(self, day: int) -> int:
        """0 on a Monday, 6 on a Sunday."""
        return self.date_of(day).weekday()

    def season_of(self, day: int) -> int:
        """The number of the season that `day` falls in."""
        return self.date_of(day).toordinal() // SEASON_DAYS
