"""What users can be expected to pay, from what they paid lately."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipeline.storage.frames import columns_of, read_buckets

_MINOR = 100


def revenue_before(activity: Path, first_day: date, as_of: date, days: int) -> pl.DataFrame | None:
    """What each user can be expected to pay in `days` days; None when the log tells no amounts.

    That is what the user paid net of refunds in the last `days` days, never below 0; where the log, from
    `first_day` to `as_of`, is shorter than that, in proportion.
    """
    if "revenue" not in columns_of(activity):
        return None
    paid = read_buckets(activity, columns=("user_id", "day", "revenue", "refunds"))
    recent = paid.filter(pl.col("day") > as_of - timedelta(days=days))
    net = (pl.col("revenue") - pl.col("refunds")).sum().clip(lower_bound=0)
    seen_days = min(days, (as_of - first_day).days + 1)
    return recent.group_by("user_id").agg((net / _MINOR * days / seen_days).alias("expected_revenue"))
