"""Days on which users really came, where the log learns of some of them later, when their events arrive.

Features count an event on the day of its arrival. The label needs the day on which it happened.
"""

import polars as pl

from features.aggregation.from_events import RowSources, user_days_of
from features.events.times import HAPPENED

VISITS = pl.Schema({"user_id": pl.String(), "day": pl.Date()})


def late_visits(events: pl.DataFrame, sources: RowSources) -> pl.DataFrame:
    """The days (`VISITS`) on which the users of `events` came, by the conditions of a login; sorted.

    `events`: canonical, of whole users. No rows without the column `HAPPENED`: then users came when they logged in.
    """
    if HAPPENED not in events.columns:
        return pl.DataFrame(schema=VISITS)
    as_happened = events.with_columns(pl.coalesce(HAPPENED, "at").alias("at")).sort(
        "user_id", "at", maintain_order=True
    )
    return user_days_of(as_happened, sources).days.filter(pl.col("logins") == 1).select(*VISITS)
