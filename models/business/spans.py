"""The time during which somebody is a customer, as spans of days: from one day up to, but not including, another.

Promise: whether a span holds at the end of a day depends on that day and earlier days only.
"""

from dataclasses import dataclass

import numpy as np

from models.arrays import Ints

FOR_EVER = 2**21
"""A day after all calendars: nothing ends the span."""


@dataclass(frozen=True, slots=True)
class Spans:
    """One entry a span: the number of its user, its first day, and the first day after it. Sorted by user and day."""

    user: Ints
    begin: Ints
    end: Ints

    def first_days(self, users: int) -> Ints:
        """(users,) the first day of each user's first span; `FOR_EVER` without one."""
        first = np.full(users, FOR_EVER, dtype=np.int64)
        np.minimum.at(first, self.user, self.begin)
        return first

    def last_ends(self, users: int) -> Ints:
        """(users,) the end of each user's last span; -1 without one."""
        last = np.full(users, -1, dtype=np.int64)
        np.maximum.at(last, self.user, self.end)
        return last


def login_spans(user: Ints, day: Ints, horizon_days: Ints) -> Spans:
    """A customer by activity: from each login for its horizon, or up to the next login, from which its own counts.

    `user`, `day`: one entry a login day, sorted. At the end of day T a user is a customer whose last login lies less
    than its horizon before T.
    """
    until = day + horizon_days
    if len(user) > 1:
        same = user[1:] == user[:-1]
        until[:-1] = np.where(same, np.minimum(until[:-1], day[1:]), until[:-1])
    return Spans(user, day, until)


def held_at(spans: Spans, days: Ints) -> tuple[Ints, Ints]:
    """Which span holds at the end of which of `days` (rising): positions of spans, and positions of days."""
    first = np.searchsorted(days, spans.begin, side="left")
    count = np.maximum(np.searchsorted(days, spans.end, side="left") - first, 0)
    span = np.repeat(np.arange(len(first)), count)
    turn = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    return span, first[span] + turn
