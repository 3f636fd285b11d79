"""The CRM list: its users, their order, and its columns."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from features.contract.model import Contract
from models.labels.under_contract import END_MARKS, START_MARKS, under_contract
from models.learning.evidence import THIN
from models.learning.trained_model import TrainedModel
from models.targeting.holdout import arms
from models.targeting.risk import risk_band, risk_percentile
from pipeline.config.sections import Holdout, RiskBands
from pipeline.storage.frames import columns_of, read_buckets


def users_under_contract(activity: Path) -> pl.DataFrame:
    """`user_id` of everyone with a running subscription at the end of the log."""
    known = columns_of(activity)
    marks = [name for name in (START_MARKS, END_MARKS) if name in known]
    days = read_buckets(activity, columns=("user_id", "day", *marks))
    last = days.with_columns(under_contract(days)).group_by("user_id").last()
    return last.filter("under_contract").select("user_id")


def crm_list(
    people: pl.DataFrame,
    trained: TrainedModel,
    risk_bands: RiskBands,
    holdout: Holdout,
    contract: Contract,
    as_of: date,
    revenue: pl.DataFrame | None,
) -> pl.DataFrame:
    """The CRM list, most likely to leave first.

    `people`: profiles of users whose last login is unripe. `churn_probability` is the probability at the login given
    the silence since, if churn is silence (for a drop or the end of a subscription: the probability at the login). A
    user with `evidence` "thin" has the share of churn of such logins as probability, `evidence_text`, and neither
    reasons nor a goal. `value_at_risk` is `churn_probability` times the expected revenue over `value.horizon_days`,
    if the user goes on paying as before. Columns that the log does not support are absent.
    """
    silent = (pl.lit(as_of) - people["login_day"]).dt.total_days()
    thin = pl.col("evidence") == THIN
    reasons = [f"reason_{rank}" for rank in (1, 2, 3)]
    known = people.with_columns(
        pl.lit(as_of).alias("as_of"),
        silent.alias("silent_days"),
        pl.coalesce("evidence_rate", "login_probability").alias("login_probability"),
        pl.when(~thin).then(pl.col(*reasons, *(f"{reason}_text" for reason in reasons))),
    )
    churn = trained.given_silence(
        *(
            known[name].to_numpy()
            for name in ("login_probability", "silent_days", "login_number", "window_days")
        )
    )
    columns: list[str | pl.Expr] = [
        "user_id", "as_of", pl.col("login_day").alias("last_login_day"), "login_number", "silent_days",
        "login_probability", "churn_probability", "risk_percentile",
        risk_band("churn_probability", risk_bands.medium_from, risk_bands.high_from).alias("risk_band"),
    ]  # fmt: skip
    listed = known.with_columns(
        pl.Series("churn_probability", churn, dtype=pl.Float64),
        pl.Series("risk_percentile", risk_percentile(np.asarray(churn)), dtype=pl.Float64),
    )
    if revenue is not None:
        listed = listed.join(revenue, on="user_id", how="left", maintain_order="left")
        expected = pl.col("expected_revenue").fill_null(0.0)
        columns += [
            (pl.col("churn_probability") * expected).round(2).alias("value_at_risk"),
            pl.lit(contract.currency.reporting).alias("currency"),
        ]
    listed = listed.sort(["churn_probability", "user_id"], descending=[True, False])
    return listed.select(
        *columns,
        *reasons,
        *(f"{reason}_text" for reason in reasons),
        "evidence",
        "evidence_text",
        *(name for name in ("style", "play", "next_step") if name in people.columns),
        pl.when(pl.col("evidence") != THIN).then("goal_text").alias("goal"),
        arms(listed["user_id"], holdout.share, holdout.key),
        pl.lit(trained.version).alias("model_version"),
    )
