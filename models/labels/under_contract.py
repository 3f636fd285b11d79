"""The login rows that a definition of churn applies to: for `cancel`, those of users with a subscription.

Promise: whether a subscription runs on a day depends on that day and earlier days only.
"""

import polars as pl

START_MARKS, END_MARKS = "subscription_start_marks", "subscription_end_marks"


def under_contract(days: pl.DataFrame) -> pl.Series:
    """Whether the user's subscription runs at the end of each of `days`, by the last start or end so far.

    `days`: user-days of whole users, sorted, with `user_id`, the number of ends (`END_MARKS`) and, if the log has
    them, of starts (`START_MARKS`). Without starts a subscription runs until the first end. On a day with both it
    runs on.
    """
    ended = pl.when(pl.col(END_MARKS) > 0).then(pl.lit(value=False))
    if START_MARKS not in days.columns:
        runs = ended.forward_fill().over("user_id").fill_null(value=True)
    else:
        last = pl.when(pl.col(START_MARKS) > 0).then(pl.lit(value=True)).otherwise(ended)
        runs = last.forward_fill().over("user_id").fill_null(value=False)
    return days.select(runs.alias("under_contract")).to_series()


def contract_ends(days: pl.DataFrame) -> pl.DataFrame:
    """`user_id, day` of each of `days` on which a subscription ends."""
    return days.filter(pl.col(END_MARKS) > 0).select("user_id", "day")
