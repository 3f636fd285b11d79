"""Episodes: from the first list on which the choice takes a user to the end of that row's label window.

Promise: a user is in one episode at a time, and keeps its arm, play and style. Only entries before a day count.
"""

from datetime import date

import polars as pl

KEPT = ("episode", "arm", "play", "next_step", "style")
"""What a user keeps from the first day of an episode."""
RUNNING_SCHEMA = {"user_id": pl.String, "episode": pl.Date, **dict.fromkeys(KEPT[1:], pl.String)}


def first_days(ledger: pl.DataFrame) -> pl.DataFrame:
    """The rows on which episodes begin, one for each. `ledger`: rows of delivered lists."""
    return ledger.filter(pl.col("arm").is_not_null() & (pl.col("episode") == pl.col("as_of")))


def running_episodes(ledger: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`user_id` and `KEPT` of the episodes that began before `as_of` and have not ended.

    An episode ends `window_days` after its first day, when its outcome is known.
    """
    ends = pl.col("as_of") + pl.duration(days=pl.col("window_days"))
    begun = first_days(ledger).filter((pl.col("as_of") < as_of) & (ends >= as_of))
    last = begun.sort("as_of").group_by("user_id", maintain_order=True).last()
    return last.select(pl.col(name).cast(dtype) for name, dtype in RUNNING_SCHEMA.items())
