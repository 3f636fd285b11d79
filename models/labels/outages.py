"""Days on which a log lost its events: who seems to be silent then may have been there.

Promise: both outcomes are taken out. Rows whose users came back would stay otherwise, and they alone.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

Outage = tuple[date, date]
"""First and last day without events, both counted."""


def meets_outage(begin: str, days: pl.Expr, outages: Sequence[Outage]) -> pl.Expr:
    """Whether the `days` days after the day in the column `begin` hold a day of one of `outages`."""
    last = pl.col(begin) + pl.duration(days=days)
    met = [(pl.col(begin) < until) & (last >= since) for since, until in outages]
    return pl.any_horizontal(met) if met else pl.lit(value=False)


def without_outages(rows: pl.DataFrame, begin: str, outages: Sequence[Outage]) -> pl.DataFrame:
    """`rows` with no outcome (`churned` null, not `ripe`) where the label window meets one of `outages`.

    The window is the `window_days` days after the day in the column `begin`.
    """
    met = meets_outage(begin, pl.col("window_days"), outages)
    return rows.with_columns(churned=pl.when(~met).then("churned"), ripe=pl.col("ripe") & ~met)
