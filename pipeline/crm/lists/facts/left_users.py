"""The users who have left: beyond the window of the CRM list, or with a subscription that has ended."""

from datetime import date, timedelta

import polars as pl

from models.labels.churn import Churn

LOGIN, SUBSCRIPTION = "login", "subscription"
_NO_CONTRACT = "the list model has no number for users whose subscription has ended"
_LONGER = "silent for longer than the users of training"
_FEW = "training had too few users who were away for so long"


def left_users(
    people: pl.DataFrame,
    listed: pl.Series,
    numbers: pl.DataFrame,
    facts: pl.DataFrame,
    as_of: date,
    churn: Churn,
    newcomer_logins: int,
) -> pl.DataFrame:
    """The users who have left, by id: what their rows of a list have, `left_on`, `left_by` and their chance to return.

    `people`: profiles at the last logins. `listed`: ids of the listed users. `numbers`: `user_id, churn_probability`
    of those whom the list model reaches beyond the window. `facts`: `SCHEMA` of `user_facts`. A user has left who has
    not come for the horizon, on the day of the last login. Where churn is the end of a subscription, it is a user whose
    subscription has ended, on that day, from the day on which the end is certain. `return_probability`: of a login in
    the horizon after `as_of`; null with `return_because`.
    """
    silent = (pl.lit(as_of) - pl.col("login_day")).dt.total_days()
    gone = people.filter(~pl.col("user_id").is_in(listed.implode())).with_columns(silent_days=silent)
    by_subscription = churn.kind == "cancel"
    if by_subscription:
        ended = facts.select("user_id", left_on="subscription_ended_on").drop_nulls()
        certain = pl.lit(as_of) - timedelta(days=churn.cancel.grace_days)
        gone = gone.join(ended.filter(pl.col("left_on") <= certain), on="user_id")
    else:
        gone = gone.filter(pl.col("silent_days") >= pl.col("window_days") - churn.lead_days)
        gone = gone.with_columns(left_on="login_day")
    known = gone.join(numbers.select("user_id", "churn_probability"), on="user_id", how="left")
    return known.sort("user_id").select(
        "user_id",
        pl.lit(as_of).alias("as_of"),
        pl.col("login_day").alias("last_login_day"),
        "login_number",
        "silent_days",
        pl.when(pl.col("login_number") < newcomer_logins)
        .then(pl.lit("newcomer"))
        .otherwise(pl.lit("veteran"))
        .alias("population"),
        pl.coalesce("evidence_rate", "login_probability").alias("login_probability"),
        "churn_probability",
        "left_on",
        pl.lit(SUBSCRIPTION if by_subscription else LOGIN).alias("left_by"),
        (1 - pl.col("churn_probability")).alias("return_probability"),
        pl.when(pl.col("churn_probability").is_null())
        .then(pl.lit(_NO_CONTRACT) if by_subscription else _because(known))
        .alias("return_because"),
    )


def _because(known: pl.DataFrame) -> pl.Expr:
    """Why a user has no number."""
    longest = known.filter(pl.col("churn_probability").is_not_null())["silent_days"].max()
    if longest is None:
        return pl.lit(_FEW)
    return pl.when(pl.col("silent_days") > longest).then(pl.lit(_LONGER)).otherwise(pl.lit(_FEW))
