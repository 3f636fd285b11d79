"""How much each user does on an active day."""

from pathlib import Path

import polars as pl

from pipeline.storage.frames import scan_buckets


def events_per_user(activity: Path) -> pl.DataFrame:
    """`user_id, events, days` of each user who did anything, by user id. On other days the user only received."""
    active = pl.concat(scan_buckets(activity)).filter(pl.col("events") > 0)
    return active.group_by("user_id").agg(pl.col("events").sum(), days=pl.len()).sort("user_id").collect()
