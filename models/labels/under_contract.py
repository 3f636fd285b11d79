"""The login rows that a definition of churn applies to: for `cancel`, those of users with a subscription.

Promise: whether a subscription runs on a day depends on that day and earlier days only.
"""

import polars as pl

PAID_UNTIL = "paid_until"
STATE = "subscription"
"""1 after a start, 0 after an end, by the last of either on a day; null on other days."""
START_MARKS, END_MARKS = "subscription_start_marks", "subscription_end_marks"


def under_contract(days: pl.DataFrame) -> pl.Series:
    """Whether the user's subscription runs at the end of each of `days`, by the last start or end so far.

    `days`: user-days of whole users, sorted, with `user_id`, the number of ends (`END_MARKS`) and, if the log has
    them, of starts (`START_MARKS`). Without starts a subscription runs until the first end. On a day with both the
    order of the events decides, if `days` have it (`STATE`); otherwise it runs on. If `days` have the last day that is
    paid for (`PAID_UNTIL`, days since 1970), it runs up to this day, and ends say nothing.
    """
    if PAID_UNTIL in days.columns:
        paid = pl.col(PAID_UNTIL).forward_fill().over("user_id")
        runs = (paid >= pl.col("day").cast(pl.Int32)).fill_null(value=False)
        return days.select(runs.alias("under_contract")).to_series()
    if STATE in days.columns:
        told = days.select(pl.col(STATE).forward_fill().over("user_id"))[STATE]
        return (told == 1).fill_null(value=False).alias("under_contract")
    ended = pl.when(pl.col(END_MARKS) > 0).then(pl.lit(value=False))
    if START_MARKS not in days.columns:
        runs = ended.forward_fill().over("user_id").fill_null(value=True)
    else:
        last = pl.when(pl.col(START_MARKS) > 0).then(pl.lit(value=True)).otherwise(ended)
        runs = last.forward_fill().over("user_id").fill_null(value=False)
    return days.select(runs.alias("under_contract")).to_series()


def contract_ends(days: pl.DataFrame, grace_days: int) -> pl.DataFrame:
    """`user_id, day` of each end of a subscription, on the day on which it is certain: `grace_days` after it.

    `days`: as in `under_contract`, with `day`. An end is none if the subscription runs at the end of its day, or if
    another begins within `grace_days`: this is a change of plan or a late payment. Since an end counts from the day on
    which it is certain, a label window needs no look beyond its own days. If `days` have the last day that is paid for,
    a subscription ends with it, unless another payment comes until it is certain.
    """
    if PAID_UNTIL in days.columns:
        return _unpaid(days, grace_days)
    grace = pl.duration(days=grace_days)
    ended = (pl.col(END_MARKS) > 0) & ~under_contract(days)
    certain = days.with_columns(ended.alias("@ended"))
    if START_MARKS in days.columns:
        begun = pl.when(pl.col(START_MARKS) > 0).then(pl.col("day"))
        next_begun = begun.shift(-1).backward_fill().over("user_id")
        again = (next_begun <= pl.col("day") + grace).fill_null(value=False)
        certain = certain.with_columns(pl.col("@ended") & ~again)
    return certain.filter("@ended").select("user_id", day=pl.col("day") + grace)


def _unpaid(days: pl.DataFrame, grace_days: int) -> pl.DataFrame:
    """`user_id, day`, sorted, of each paid time that no other payment follows in time."""
    payments = days.filter(pl.col(PAID_UNTIL).is_not_null()).select(
        "user_id",
        "day",
        certain=pl.col(PAID_UNTIL).cast(pl.Int32).cast(pl.Date) + pl.duration(days=1 + grace_days),
    )
    following = pl.col("day").shift(-1).over("user_id")
    ended = payments.filter(following.is_null() | (following >= pl.col("certain")))
    # A payment that was cut short before it was made, such as a refund, ends on its own day at the earliest.
    return ended.select("user_id", day=pl.max_horizontal("certain", "day")).sort("user_id", "day")
