"""What happened after past lists: the outcome of each row of the ledger, from user-days of the log.

Promise: the label is that of `models/labels/label.py`, with the definition of churn, the window and the lead of the row
on its list.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from features.aggregation.payments import tells_payments
from models.labels.churn import Churn, from_json
from models.labels.label import total_ahead, with_list_label
from models.labels.outages import Outage, meets_outage
from models.labels.under_contract import END_MARKS, PAID_UNTIL, contract_ends
from pipeline.errors import InputError
from pipeline.learning.landmarks import read_visits
from pipeline.storage.frames import buckets_in, read_bucket

OUTCOMES = {
    "churned": pl.Boolean,
    "came_back": pl.Boolean,
    "login_days": pl.Int64,
    "revenue": pl.Float64,
}
_MINOR_UNITS = 100


def ends_of_windows() -> pl.Expr:
    """The last day of the label window of each row of the ledger."""
    return pl.col("as_of") + pl.duration(days=pl.col("window_days"))


def with_outcomes(
    rows: pl.DataFrame,
    activity: Path,
    churn: Churn,
    log_end: date,
    ahead_days: int,
    outages: Sequence[Outage] = (),
    visits: Path | None = None,
) -> pl.DataFrame:
    """The ripe `rows` of the ledger with `OUTCOMES`, by `as_of` and user.

    `visits`: the folder of the days on which users really came, where lines arrive late.
    A row is left out if its window meets one of `outages`, or if the log has no login of its user on `last_login_day`.
    `churned`: by the definition of the row's model, in the row's own window; `churn` is that of rows that have none.
    `came_back`: whether a churned user came in a window of the same length after it; null if that is not known, or
    churn is no silence. `login_days`, `revenue` (net of refunds, in the reporting currency; null if the log has no
    amounts): of the days (`as_of`, `as_of` + `ahead_days`]; null when they reach beyond `log_end`.
    Raises DataError when a definition is damaged, InputError when the log does not tell what it needs.
    """
    ripe = rows.filter(
        (ends_of_windows() <= log_end) & ~meets_outage("as_of", pl.col("window_days"), outages)
    )
    parts = [
        _of_bucket(
            ripe, read_bucket(activity, bucket), _visits(visits, bucket, log_end), churn, log_end, ahead_days
        )
        for bucket in buckets_in(activity)
    ]
    empty = ripe.clear().with_columns(pl.lit(None, dtype).alias(name) for name, dtype in OUTCOMES.items())
    lost = meets_outage("as_of", 2 * pl.col("window_days") - pl.col("lead_days"), outages)
    return (
        pl.concat([empty, *parts])
        .with_columns(pl.when(~lost).then("came_back").alias("came_back"))
        .sort("as_of", "user_id")
    )


def _visits(folder: Path | None, bucket: int, log_end: date) -> pl.DataFrame | None:
    visits = None if folder is None else read_visits(folder, bucket)
    return None if visits is None else visits.filter(pl.col("day") <= log_end)


def _of_bucket(
    rows: pl.DataFrame,
    days: pl.DataFrame,
    visits: pl.DataFrame | None,
    churn: Churn,
    log_end: date,
    ahead_days: int,
) -> pl.DataFrame:
    known = days.filter(
        (pl.col("day") <= log_end) & pl.col("user_id").is_in(rows["user_id"].unique().implode())
    )
    logins = known.filter(pl.col("logins") == 1).select("user_id", login_day="day")
    here = rows.join(
        logins, left_on=["user_id", "last_login_day"], right_on=["user_id", "login_day"], how="semi",
        maintain_order="left",
    )  # fmt: skip
    labelled = [
        _labelled(part, logins, known, visits, log_end, definition_of(part, churn))
        for part in here.partition_by("churn", "lead_days", maintain_order=True)
    ]
    if not labelled:
        return rows.clear().with_columns(pl.lit(None, dtype).alias(name) for name, dtype in OUTCOMES.items())
    done = pl.concat(labelled)
    login_days = total_ahead(done, known, known["logins"], log_end, ahead_days)
    revenue = pl.Series([None] * done.height, dtype=pl.Float64)
    if tells_payments(known.columns):
        net = known["revenue"] - known["refunds"]
        revenue = total_ahead(done, known, net, log_end, ahead_days) / _MINOR_UNITS
    return done.with_columns(login_days.alias("login_days"), revenue.alias("revenue"))


def definition_of(rows: pl.DataFrame, otherwise: Churn) -> Churn:
    """The definition of churn of `rows`, which have the same; `otherwise` with their lead if they have none."""
    written = rows["churn"][0]
    if written is None:
        return replace(otherwise, lead_days=int(rows["lead_days"][0]))
    return from_json(json.loads(written))


def _labelled(
    rows: pl.DataFrame,
    logins: pl.DataFrame,
    days: pl.DataFrame,
    visits: pl.DataFrame | None,
    log_end: date,
    churn: Churn,
) -> pl.DataFrame:
    """`rows` with `churned` and `came_back`. `days`: the user-days of their users, `logins`: those with a login,
    `visits`: those on which they came, if lines arrive late.
    """
    ends = None
    if churn.kind == "cancel":
        if END_MARKS not in days.columns and PAID_UNTIL not in days.columns:
            raise InputError(
                "The lists predicted the end of a subscription, and this log does not tell it.\n"
                "Name meaning.subscription_end in the log's contract."
            )
        ends = contract_ends(days, churn.cancel.grace_days)
    landmarks = rows.select("user_id", "as_of", "window_days", login_day="last_login_day")
    churned = with_list_label(landmarks, logins, log_end, churn, ends, visits)["churned"]
    came_back = pl.Series([None] * rows.height, dtype=pl.Boolean)
    if churn.is_silence:
        longer = landmarks.with_columns(window_days=2 * pl.col("window_days") - churn.lead_days)
        stayed_away = with_list_label(longer, logins, log_end, churn, visits=visits)["churned"]
        came_back = churned & ~stayed_away
    return rows.with_columns(churned.alias("churned"), came_back.alias("came_back"))
