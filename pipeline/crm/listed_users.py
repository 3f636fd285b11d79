"""The listed users with the numbers and words of the list, before anybody is chosen."""

from collections.abc import Mapping

import polars as pl

from models.learning.evidence import THIN
from models.targeting.risk import risk_band, risk_percentile
from pipeline.config.sections import RiskBands


def listed_users(
    explained: pl.DataFrame,
    profiles: pl.DataFrame,
    risk_bands: RiskBands,
    segments: Mapping[int, str],
    newcomer_logins: int,
) -> pl.DataFrame:
    """`explained` with the columns of the list that need no choice, by user id.

    `explained`: the listed users as of the list's day, with the list model's `probability`, reasons and plays.
    `profiles`: their `login_probability`, `style`, `play_style` and `segment`; `segments`: what each segment is, in
    words. `cause` is that of the first reason; users below `list.play_from` have none and no play. `population` is
    "newcomer" for fewer than `newcomer_logins` logins. `churn_probability` says that no login, or what else churn is,
    follows in the horizon after `as_of`. On the day of a login it is the login's own number: for a user with `evidence`
    "thin" the share of churn of such logins, with an `evidence_text` and neither reasons nor a goal.
    """
    thin = pl.col("evidence") == THIN
    reasons = [f"reason_{rank}" for rank in (1, 2, 3)]
    styles = ("style", "play_style")
    of_profile = profiles.select(
        "user_id",
        "login_probability",
        pl.col("evidence_rate").alias("login_evidence_rate"),
        *(
            pl.col(name) if name in profiles.columns else pl.lit(None, pl.String).alias(name)
            for name in styles
        ),
        segment_text=pl.col("segment").replace_strict(segments, default=None, return_dtype=pl.String),
    )
    known = explained.drop("login_probability", *styles, strict=False).join(
        of_profile, on="user_id", how="left", maintain_order="left"
    )
    known = known.with_columns(
        pl.when(~thin).then(pl.col(*reasons, *(f"{reason}_text" for reason in reasons), "goal_text")),
        login_probability=pl.coalesce("login_evidence_rate", "login_probability"),
        churn_probability=pl.coalesce("evidence_rate", "probability"),  # thin on the day of a login only
        cause=pl.coalesce("cause_1", "cause_2", "cause_3"),
        population=pl.when(pl.col("login_number") < newcomer_logins)
        .then(pl.lit("newcomer"))
        .otherwise(pl.lit("veteran")),
    )
    return known.with_columns(
        pl.col("login_day").alias("last_login_day"),
        pl.col("silent_days").cast(pl.Int64),
        risk_band("churn_probability", risk_bands.medium_from, risk_bands.high_from).alias("risk_band"),
        risk_percentile=pl.Series(risk_percentile(known["churn_probability"].to_numpy()), dtype=pl.Float64),
    ).sort("user_id")


def with_health(listed: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """`listed` with `engagement` and the `health` of the user's account, as in `users`; null where not known."""
    known = users.select("user_id", "engagement", "health")
    return listed.join(known, on="user_id", how="left", maintain_order="left")


def with_value(listed: pl.DataFrame, revenue: pl.DataFrame | None, currency: str | None) -> pl.DataFrame:
    """`listed` with `expected_revenue`, `value_at_risk` and `currency`; null when the log has no amounts.

    `revenue`: `user_id, expected_revenue`: what a user who stays is expected to pay. A user without an entry pays
    nothing. `value_at_risk` is `churn_probability` times the expected revenue.
    """
    if revenue is None:
        return listed.with_columns(
            expected_revenue=pl.lit(None, pl.Float64),
            value_at_risk=pl.lit(None, pl.Float64),
            currency=pl.lit(None, pl.String),
        )
    joined = listed.join(revenue, on="user_id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("expected_revenue").fill_null(0.0), currency=pl.lit(currency, pl.String)
    ).with_columns(value_at_risk=(pl.col("churn_probability") * pl.col("expected_revenue")).round(2))
