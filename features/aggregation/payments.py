"""What users have paid so far, as of the day of a landmark row. Amounts are integers, in minor units.

Promise: a row holds no payment later than its `as_of`.
"""

from collections.abc import Collection
from datetime import date

import polars as pl

from features.aggregation.landmarks import with_landmarks

PAYMENTS = (
    "observed_days", "own_days", "net_recent", "net_so_far", "paying_days", "paying_span_days", "days_since_paying",
)  # fmt: skip
"""All i64.

- `observed_days`: days from the first day of the log to `as_of`, both counted.
- `own_days`: the same from the user's first login.
- `net_recent`, `net_so_far`: revenue less refunds, of the recent days and of all days.
- `paying_days`: days with a payment. `paying_span_days`: days from the first to the last of them, null without any.
- `days_since_paying`: days from the last of them to `as_of`, null without any.
"""
_NEEDED = ("user_id", "day", "logins", "revenue", "refunds")


def tells_payments(columns: Collection[str]) -> bool:
    """Whether user-days with these `columns` hold amounts."""
    return set(_NEEDED) <= {*columns}


def payments_so_far(
    landmarks: pl.DataFrame, days: pl.DataFrame, log_start: date, recent_days: int
) -> pl.DataFrame:
    """`PAYMENTS` of each of `landmarks` (`user_id, as_of`), in their order.

    `days`: the user-days of their users, in order. `net_recent` is that of the `recent_days` days that end with
    `as_of`.
    """
    marked = with_landmarks(days.select(_NEEDED), landmarks)
    net, pays = pl.col("revenue") - pl.col("refunds"), pl.col("revenue") > 0
    day = pl.col("day").to_physical().cast(pl.Int64)
    marked = marked.with_columns(
        net_recent=net.rolling_sum_by("day", window_size=f"{recent_days}d").over("user_id"),
        net_so_far=net.cum_sum().over("user_id"),
        paying_days=pays.cast(pl.Int64).cum_sum().over("user_id"),
        first_login=pl.when(pl.col("logins") > 0).then(day).cum_min().forward_fill().over("user_id"),
        first_paid=pl.when(pays).then(day).cum_min().forward_fill().over("user_id"),
        last_paid=pl.when(pays).then(day).forward_fill().over("user_id"),
        observed_days=(day - pl.lit(log_start).to_physical() + 1),
    )
    known = marked.select(
        "user_id",
        pl.col("day").alias("as_of"),
        "observed_days",
        (day - pl.col("first_login") + 1).alias("own_days"),
        "net_recent",
        "net_so_far",
        "paying_days",
        (pl.col("last_paid") - pl.col("first_paid")).alias("paying_span_days"),
        (day - pl.col("last_paid")).alias("days_since_paying"),
    )
    keys = ["user_id", "as_of"]
    joined = landmarks.select(keys).join(known, on=keys, how="left", maintain_order="left")
    return joined.select(pl.col(PAYMENTS).cast(pl.Int64))
