"""The CRM list: its users, their order, and its columns."""

from collections.abc import Mapping

import polars as pl

from features.contract.model import Contract
from models.learning.evidence import THIN
from models.targeting.holdout import arms
from models.targeting.risk import risk_band, risk_percentile
from pipeline.config.sections import Holdout, RiskBands
from pipeline.errors import InputError


def crm_list(
    explained: pl.DataFrame,
    profiles: pl.DataFrame,
    version: str,
    risk_bands: RiskBands,
    holdout: Holdout,
    contract: Contract,
    revenue: pl.DataFrame | None,
    segments: Mapping[int, str],
    newcomer_logins: int,
) -> pl.DataFrame:
    """The CRM list, most likely to leave first.

    `explained`: the listed users as of the list's day, with the list model's `probability`, reasons and plays.
    `profiles`: their `login_probability`, `style`, `play_style` and `segment`; `segments`: what each segment is, in
    words. `cause` is that of the first reason; users below `list.play_from` have none and are watched. `duty`: an open
    request must be answered, so the user is contacted whatever the arm. `population` is "newcomer" for fewer than
    `newcomer_logins` logins. `churn_probability` says that no login, or what else churn is, follows in the horizon
    after `as_of`. On the day of a login it is the login's own number: for a user with `evidence` "thin" the share of
    churn of such logins, with an `evidence_text` and neither reasons nor a goal.
    `value_at_risk` is `churn_probability` times the expected revenue over `value.horizon_days`, if the user goes on
    paying as before. Columns that the log does not support are absent.
    """
    thin = pl.col("evidence") == THIN
    reasons = [f"reason_{rank}" for rank in (1, 2, 3)]
    of_profile = profiles.select(
        "user_id",
        "login_probability",
        pl.col("evidence_rate").alias("login_evidence_rate"),
        *(name for name in ("style", "play_style") if name in profiles.columns),
        segment_text=pl.col("segment").replace_strict(segments, default=None, return_dtype=pl.String),
    )
    known = explained.join(of_profile, on="user_id", how="left", maintain_order="left").with_columns(
        login_probability=pl.coalesce("login_evidence_rate", "login_probability"),
        churn_probability=pl.coalesce("evidence_rate", "probability"),  # thin on the day of a login only
    )
    known = known.with_columns(
        pl.when(~thin).then(pl.col(*reasons, *(f"{reason}_text" for reason in reasons), "goal_text")),
        cause=pl.coalesce("cause_1", "cause_2", "cause_3"),
        population=pl.when(pl.col("login_number") < newcomer_logins)
        .then(pl.lit("newcomer"))
        .otherwise(pl.lit("veteran")),
        risk_percentile=pl.Series(risk_percentile(known["churn_probability"].to_numpy()), dtype=pl.Float64),
    )
    columns: list[str | pl.Expr] = [
        "user_id", "as_of", pl.col("login_day").alias("last_login_day"), "login_number",
        pl.col("silent_days").cast(pl.Int64), "login_probability", "churn_probability", "risk_percentile",
        risk_band("churn_probability", risk_bands.medium_from, risk_bands.high_from).alias("risk_band"),
    ]  # fmt: skip
    if revenue is not None:
        known = known.join(revenue, on="user_id", how="left", maintain_order="left")
        expected = pl.col("expected_revenue").fill_null(0.0)
        columns += [
            (pl.col("churn_probability") * expected).round(2).alias("value_at_risk"),
            pl.lit(contract.currency.reporting).alias("currency"),
        ]
    listed = known.sort(["churn_probability", "user_id"], descending=[True, False])
    drawn = arms(listed["user_id"], holdout.share, holdout.key)
    return listed.select(
        *columns,
        "population",
        "silence_text",
        "silence_share",
        "cause",
        *reasons,
        *(f"{reason}_text" for reason in reasons),
        "evidence",
        "evidence_text",
        *(name for name in ("style", "play_style") if name in listed.columns),
        "segment_text",
        "play",
        "next_step",
        pl.col("goal_text").alias("goal"),
        "duty",
        pl.when("duty").then(pl.lit("contact")).otherwise(drawn).alias("arm"),
        pl.lit(version).alias("model_version"),
    )


def with_carried(listed: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """The list with the columns that it carries at its end; null for a user of whom they are not known.

    Raises InputError when the list has a column of the same name.
    """
    names = [name for name in carried.columns if name != "user_id"]
    taken = [name for name in names if name in listed.columns]
    if taken:
        raise InputError(
            f"params.yaml: list.carry names {', '.join(taken)}, and the list has such a column of its own.\n"
            "Rename the column in the table of users."
        )
    return listed.join(carried, on="user_id", how="left", maintain_order="left")


def beyond_horizon(numbers: pl.DataFrame) -> pl.DataFrame:
    """Users whose silence has reached the horizon, with their chance to stay away; the least likely first.

    `numbers`: as `list_numbers` gives them.
    """
    beyond = numbers.filter(~pl.col("within")).sort("probability", "user_id")
    return beyond.select(
        "user_id",
        "as_of",
        pl.col("login_day").alias("last_login_day"),
        "login_number",
        pl.col("silent_days").cast(pl.Int64),
        pl.col("probability").alias("churn_probability"),
    )
