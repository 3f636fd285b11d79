"""Recent activity of the whole service: users per day relative to the weekday, and the share that returns.

Promise: the value of a day depends on that day and earlier days only. A return counts on the day when its period ends,
not on the day of the first login. Each bucket of users is counted separately (`service_part`). The counts add up to
a small table (`service_life`).
"""

from collections.abc import Iterable
from datetime import date

import polars as pl

from features.totals import external_column

RETURN_DAYS = (7, 30)
_WEEKS, _MONTH = 4, 28
_COUNTS = ("active", "newcomers", *(f"{what}_{days}" for days in RETURN_DAYS for what in ("due", "back")))


def service_part(days: pl.DataFrame) -> pl.DataFrame:
    """The counts of one bucket per `day`: logins, first logins, and returns due and kept.

    `days`: the result of `features.aggregation.user_days`. `due_7` counts on day d the logins of day d - 7, and
    `back_7` those of them that were followed by another within 7 days.
    """
    logins = days.filter(pl.col("logins") == 1).select("day", "gap_days")
    counted = [
        _count(logins.select("day"), "active"),
        _count(logins.filter(pl.col("gap_days") == 0).select("day"), "newcomers"),
    ]
    for within in RETURN_DAYS:
        due = pl.col("day") + pl.duration(days=within)
        back = logins.filter(pl.col("gap_days").is_between(1, within))
        counted.append(_count(logins.select(due), f"due_{within}"))
        counted.append(_count(back.select(due - pl.duration(days=pl.col("gap_days"))), f"back_{within}"))
    return _added_up(counted)


def service_life(parts: Iterable[pl.DataFrame], first_day: date, last_day: date) -> pl.DataFrame:
    """Per `day` from `first_day` to `last_day` the values of SERVICE in the catalogue, as external columns.

    `parts`: the results of `service_part` for all buckets of users. A value is missing until its days are known.
    """
    calendar = pl.date_range(first_day, last_day, eager=True).alias("day").to_frame()
    daily = calendar.join(_added_up(parts), on="day", how="left").with_columns(pl.col(_COUNTS).fill_null(0))
    weekday = pl.sum_horizontal(pl.col("active").shift(7 * week) for week in range(1, _WEEKS + 1)) / _WEEKS
    known = pl.int_range(pl.len()) >= _MONTH
    return daily.select(
        "day",
        _share(pl.col("active"), pl.when(known).then(weekday), "service_active_to_weekday"),
        _share(
            _last("active", 7) * _WEEKS, pl.when(known).then(_last("active", _MONTH)), "service_active_trend"
        ),
        _share(_last("newcomers", _MONTH), _last("active", _MONTH), "service_newcomer_share"),
        *(
            _share(
                _last(f"back_{days}", _MONTH), _last(f"due_{days}", _MONTH), f"service_return_rate_{days}d"
            )
            for days in RETURN_DAYS
        ),
    )


def _count(days: pl.DataFrame, name: str) -> pl.DataFrame:
    return days.group_by("day").agg(pl.len().cast(pl.Int64).alias(name))


def _added_up(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts, how="diagonal").group_by("day").agg(pl.col(_COUNTS).sum())


def _last(count: str, days: int) -> pl.Expr:
    """The sum over the `days` days that end with the row's day; over fewer at the beginning."""
    return pl.col(count).rolling_sum(days, min_samples=1)


def _share(part: pl.Expr, whole: pl.Expr, name: str) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole).alias(external_column(name))
