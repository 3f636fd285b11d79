"""Evaluates the rule of evidence on rows later than those it was fitted to."""

from typing import Any

import polars as pl

from models.bands import band_of
from models.learning.evidence import ENOUGH, THIN, Evidence
from models.metrics.bootstrap import Bootstrap, log_loss_gain, mean_with_interval
from models.metrics.quality import log_losses
from models.rows import labels


def evaluate_evidence(test: pl.DataFrame, evidence: Evidence, bootstrap: Bootstrap) -> dict[str, Any]:
    """The rule on `test` rows with `probability`, later than the rows that the model was fitted to.

    For `thin` and `enough` rows: their number, the log loss of the model and of the share of churn known from
    training (of the thin group, or of the band of login numbers), and the model's gain over that share. The rule
    `holds` if the model is surely better on `enough` rows, and is not on `thin` rows.
    """
    group = evidence.group_of(test)
    band_rate = band_of(pl.col("login_number")).replace_strict(dict(evidence.rates), return_dtype=pl.Float64)
    rows = test.with_columns(share=pl.coalesce(evidence.rate_of(group), band_rate))
    thin = _figures(rows.filter(group.is_not_null()), bootstrap)
    enough = _figures(rows.filter(group.is_null()), bootstrap)
    holds = _surely_better(enough) and not _surely_better(thin)
    return {"rule": evidence.rule, THIN: thin, ENOUGH: enough, "holds": holds}


def _surely_better(figures: dict[str, Any]) -> bool:
    return (figures["gain"].low or 0.0) > 0


def _figures(rows: pl.DataFrame, bootstrap: Bootstrap) -> dict[str, Any]:
    churned, ours, share = labels(rows), rows["probability"].to_numpy(), rows["share"].to_numpy()
    users = rows["user_id"]
    return {
        "rows": rows.height,
        "users": users.n_unique(),
        "base_rate": float(churned.mean()) if rows.height else None,
        "log_loss": mean_with_interval(users, log_losses(churned, ours), bootstrap),
        "log_loss_of_share": mean_with_interval(users, log_losses(churned, share), bootstrap),
        "gain": log_loss_gain(users, churned, ours, share, bootstrap),
    }
