"""The label of a login row: THE one module of the project that looks ahead in time.

A row of day d churns when its user has no login day in (d + L, d + L + N], with lead L and horizon N
in days. Promise: nothing after `log_end` is looked at, and a window that reaches beyond it has no label.
"""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.sequence import DAYS_APART, day_number, day_numbers, sequence_keys

_NEVER = DAYS_APART


def with_label(rows: pl.DataFrame, log_end: date, horizon_days: int, lead_days: int) -> pl.DataFrame:
    """`rows` with `churned: bool` (null when unripe) and `ripe: bool`, in the same order.

    `rows` holds every login of its users: `user_id`, `login_day`, one run per user, days in order.
    A row is ripe when its whole label window lies inside the log: d + L + N <= `log_end`.
    Raises DataError when the rows are out of order.
    """
    window_days = lead_days + horizon_days
    ripe = day_numbers(rows) + window_days <= day_number(log_end)
    churned = _days_to_login_after(rows, log_end, lead_days) > window_days
    return rows.with_columns(
        churned=pl.when(pl.Series(ripe)).then(pl.Series(churned)), ripe=pl.Series(ripe, dtype=pl.Boolean)
    )


def return_days(rows: pl.DataFrame, log_end: date) -> pl.Series:
    """Days from each row to its user's next login day inside the log, i32; null when there is none.

    Raises DataError when the rows are out of order.
    """
    days = _days_to_login_after(rows, log_end, 0)
    series = pl.Series("return_days", days, dtype=pl.Int64)
    return pl.select(pl.when(series < _NEVER).then(series).cast(pl.Int32).alias("return_days")).to_series()


def _days_to_login_after(rows: pl.DataFrame, log_end: date, lead_days: int) -> NDArray[np.int64]:
    """Days from d to the user's first login day after d + `lead_days`; `_NEVER` when the log has none."""
    keys = sequence_keys(rows)
    position = np.searchsorted(keys, keys + lead_days, side="right")
    ahead = np.append(keys, 0)[position]
    same_user = ahead // DAYS_APART == keys // DAYS_APART
    inside = day_numbers(rows) + (ahead - keys) <= day_number(log_end)
    return np.where(same_user & inside, ahead - keys, _NEVER)
