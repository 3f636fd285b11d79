"""The expected revenue of users, from their recent payments."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipeline.storage.frames import columns_of, read_buckets

_MINOR = 100


def revenue_before(activity: Path, first_day: date, as_of: date, days: int) -> pl.DataFrame | None:
    """The expected revenue of each user over `days` days; None when the log has no amounts.

    It is the revenue less refunds of the last `days` days, 0 at least. If the log, from `first_day` to `as_of`, is
    shorter, it is scaled up in proportion.
    """
    if "revenue" not in columns_of(activity):
        return None
    paid = read_buckets(activity, columns=("user_id", "day", "revenue", "refunds"))
    recent = paid.filter(pl.col("day") > as_of - timedelta(days=days))
    net = (pl.col("revenue") - pl.col("refunds")).sum().clip(lower_bound=0)
    observed_days = min(days, (as_of - first_day).days + 1)
    return recent.group_by("user_id").agg((net / _MINOR * days / observed_days).alias("expected_revenue"))
