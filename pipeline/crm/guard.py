"""The guard before a list leaves: is it like the last one that was delivered?

Promise: what chance moves in lists of this size does not stop one.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import sqrt

import polars as pl

from pipeline.config.sections import Guard

_SPREADS = 3
"""Standard errors that chance may move a share or a mean, in addition to what the parameters allow."""
_RECENT = timedelta(days=28)
_WEEK = 7


def days_to_compare(delivered: Sequence[date], as_of: date) -> list[date]:
    """The days of the former lists that a list as of `as_of` is compared with; it may be far from all but one.

    The newest of the same weekday, of the last four weeks, since weekdays differ; and the newest, since a change that
    was accepted once is no surprise on the days after it.
    """
    former = sorted(day for day in delivered if day < as_of)
    alike = [day for day in former if (as_of - day).days % _WEEK == 0 and as_of - day <= _RECENT]
    return list(dict.fromkeys([*alike[-1:], *former[-1:]]))


def deviations(now: pl.DataFrame, former: pl.DataFrame, guard: Guard) -> Iterator[str]:
    """In words each figure of the list `now` that is too far from that of the `former` one.

    Both have `churn_probability` and `action`. Compared are the number of users (more than `guard.size_ratio` times as
    many, or as few), the mean probability, and the share of each action (by more points than the parameters allow).
    """
    sizes = now.height, former.height
    if min(sizes) == 0 or max(sizes) / min(sizes) > guard.size_ratio:
        if sizes[0] != sizes[1]:
            yield f"{sizes[0]:,} users, and {sizes[1]:,} before (guard.size_ratio allows {guard.size_ratio:g} times)"
        if min(sizes) == 0:
            return
    mean, before = (_mean(one["churn_probability"]) for one in (now, former))
    if abs(mean - before) > guard.mean_probability_points / 100 + _noise(before, *sizes):
        yield (
            f"mean churn_probability {mean:.1%}, and {before:.1%} before "
            f"(guard.mean_probability_points allows {guard.mean_probability_points:g})"
        )
    for action in sorted({*now["action"], *former["action"]}):
        share, usual = (_mean(one["action"] == action) for one in (now, former))
        if abs(share - usual) > guard.action_share_points / 100 + _noise(usual, *sizes):
            yield (
                f"{share:.1%} of the users have the action {action}, and {usual:.1%} before "
                f"(guard.action_share_points allows {guard.action_share_points:g})"
            )


def _mean(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).to_numpy().mean())


def _noise(share: float, now: int, former: int) -> float:
    """The largest difference of two shares that is chance; a probability varies less than its outcome."""
    return _SPREADS * sqrt(share * (1 - share) * (1 / now + 1 / former))
