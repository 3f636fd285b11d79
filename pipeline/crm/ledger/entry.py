"""The rows of a ledger entry: what `lastlogin judge` needs to know of a delivered list.

Promise: the columns are the same for every log, and the held out keep the play that they would have had.
"""

import json

import polars as pl

from models.artefacts import as_json
from models.labels.churn import Churn

SCHEMA = {
    "user_id": pl.String, "as_of": pl.Date, "last_login_day": pl.Date, "login_number": pl.Int32,
    "silent_days": pl.Int64, "population": pl.String, "churn_probability": pl.Float64, "risk_band": pl.String,
    "expected_revenue": pl.Float64, "expected_profit": pl.Float64, "currency": pl.String, "action": pl.String,
    "action_now": pl.String,
    "excluded_by": pl.String, "arm": pl.String, "episode": pl.Date, "cause": pl.String, "style": pl.String,
    "play_style": pl.String, "play": pl.String, "play_now": pl.String, "next_step": pl.String, "duty": pl.Boolean,
    "window_days": pl.Int32, "lead_days": pl.Int32, "holdout_share": pl.Float64, "model_version": pl.String,
    "churn": pl.String,
}  # fmt: skip
"""`churn`: the definition of churn behind the probability, as JSON."""


def entry_rows(
    ranked: pl.DataFrame, preview: pl.DataFrame, churn: Churn, holdout_share: float, version: str
) -> pl.DataFrame:
    """The entry of the choice `ranked`, by user id. `churn`: what the models predict; `version`: of them.

    `preview`: the list of the same day without episodes. Its action is `action_now`: episodes pile up over the first
    weeks, so lists are compared with each other without them.
    """
    now = preview.select("user_id", action_now="action")
    known = ranked.join(now, on="user_id", how="left", maintain_order="left").with_columns(
        lead_days=pl.lit(churn.lead_days),
        holdout_share=pl.lit(holdout_share),
        model_version=pl.lit(version),
        churn=pl.lit(json.dumps(as_json(churn), sort_keys=True)),
    )
    return known.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()).sort("user_id")
