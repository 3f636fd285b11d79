"""Customers at the end of each period, and who came and went in between.

Promise: `end = start - lost + new + returned`, exactly. A customer who came first and was lost within one period stands
in none of these, and is counted apart. The same holds for one who returned and was lost.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from models.arrays import Flags, Ints
from models.business.groups import Members, Totals
from models.business.periods import Periods
from models.business.spans import Spans, held_at
from models.labels.sequence import USER_STRIDE, day_number


@dataclass(frozen=True, slots=True)
class Fall:
    """Use has fallen when the login days of a period are fewer than `share` of the usual number.

    The usual number is that of the `usual_days` days before the period, or since the first login.
    """

    share: float
    usual_days: int


@dataclass(frozen=True, slots=True)
class Logins:
    """One entry a login day, sorted: the number of its user, and the day."""

    user: Ints
    day: Ints


def customer_totals(
    periods: Periods, members: Members, spans: Spans, logins: Logins, older: Flags, fall: Fall
) -> Totals:
    """`start, lost, new, returned, end, new_and_lost, returned_and_lost, hidden, asked, active`.

    `older`: (users,) whether a user is older than the log, so that none of their spans is their first one.
    `active`: users with a login day in the period. `asked`: customers at the start who have been users for at least as
    long as the period, so that their usual number is known. `hidden`: those of them who stay, but use the service less.
    """
    users, count = len(members.group), len(periods)
    at_end = np.zeros((users, count), dtype=bool)
    span, period = held_at(spans, periods.ends)
    at_end[spans.user[span], period] = True
    at_start = np.zeros_like(at_end)
    at_start[:, 1:] = at_end[:, :-1]
    began = np.zeros_like(at_end)
    began[spans.user, np.clip(periods.index_of(spans.begin), 0, count - 1)] = True
    first = np.zeros_like(at_end)
    of_log = np.flatnonzero(~older & (spans.first_days(users) <= day_number(periods.log_end)))
    first[of_log, periods.index_of(spans.first_days(users)[of_log])] = True
    came = at_end & ~at_start
    visits = np.zeros((users, count), dtype=np.int64)
    np.add.at(visits, (logins.user, periods.index_of(logins.day)), 1)
    asked, fallen = _fallen(periods, at_start, visits, logins, fall)
    flags = {
        "start": at_start,
        "lost": at_start & ~at_end,
        "new": came & first,
        "returned": came & ~first,
        "end": at_end,
        "new_and_lost": first & ~at_end,
        "returned_and_lost": began & ~first & ~at_start & ~at_end,
        "hidden": fallen & at_end,
        "asked": asked,
        "active": visits > 0,
    }
    return {name: members.by_group(flag) for name, flag in flags.items()}


def _fallen(
    periods: Periods, at_start: Flags, visits: Ints, logins: Logins, fall: Fall
) -> tuple[Flags, Flags]:
    """Of the customers at the start (users, periods): whose usual number is known, and whose use has fallen."""
    asked, fallen = np.zeros_like(at_start), np.zeros_like(at_start)
    user, period = np.nonzero(at_start)
    if not len(user):
        return asked, fallen
    keys = logins.user * USER_STRIDE + logins.day
    begin = periods.begins[period] - 1
    so_far = np.cumsum(visits, axis=1)[user, period - 1]
    before = np.searchsorted(keys, user * USER_STRIDE + begin - fall.usual_days, side="right")
    of_user = np.searchsorted(logins.user, user)
    usual = so_far - (before - of_user)
    first_day = np.full(len(at_start), day_number(periods.log_end), dtype=np.int64)
    np.minimum.at(first_day, logins.user, logins.day)
    exposure = np.minimum(begin - first_day[user] + 1, fall.usual_days)
    length = periods.days[period]
    known = (usual > 0) & (exposure >= length)
    share = Fraction(str(fall.share)).limit_denominator(10_000)
    fewer = visits[user, period] * exposure * share.denominator < share.numerator * usual * length
    asked[user, period] = known
    fallen[user, period] = known & fewer
    return asked, fallen
