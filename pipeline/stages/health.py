"""Stage `health`: how engaged each user is on the log's last day, and the scorecard of each account.

Promise: nothing later than the day is used. The reference is the model's, so two days compare.
"""

from pathlib import Path

import polars as pl

from models.health.engagement import Reference
from pipeline.business.sources import Folders, sources_of
from pipeline.config.business import Business
from pipeline.config.sections import Label, Log, Rates, Value
from pipeline.health.cards import cards, summary
from pipeline.health.engagement import engagement_of_bucket
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.landmarks import landmark_sources
from pipeline.log.log_in_use import read_log_in_use
from pipeline.runner.local import over_buckets
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    ANONYMOUS,
    EVENTS,
    EXTERNAL_CHECKED,
    EXTERNAL_REPORT,
    HEALTH,
    HEALTH_ACCOUNTS,
    HEALTH_REPORT,
    HEALTH_USERS,
    LOG_FACTS,
    LOGINS,
    RATES,
    SCORING_MODEL,
    VISITS,
)
from pipeline.storage.files import write_json
from pipeline.storage.frames import buckets_in, write_parquet
from pipeline.storage.model_folder import LOGIN, load_engagement

_NO_COMPONENTS = "the model was trained without a reference of engagement: its log has none of the components"


def run(
    log: Log,
    label: Label,
    rates: Rates,
    value: Value,
    business: Business,
    model: In = SCORING_MODEL.path,
    activity: In = ACTIVITY.path,
    visits: In = VISITS.path,
    logins: In = LOGINS.path,
    anonymous: In = ANONYMOUS.path,
    events: In = EVENTS.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    external: In = EXTERNAL_CHECKED.path,
    external_report: In = EXTERNAL_REPORT.path,
    health: Out = HEALTH.path,
    report: Out = HEALTH_REPORT.path,
) -> None:
    """Write `engagement.parquet`, one row for each user, `accounts.parquet`, and a summary as `health.json`.

    The reference day of the scorecard is the last day that the model was trained on, or the log's last day if the
    model has no reference. Raises InputError when the
    contract's `columns.account` is no account.
    """
    in_use = read_log_in_use(log, facts_file, external, external_report)
    sources = in_use.row_sources(rates, rates_table)
    of = landmark_sources(
        activity, visits, logins, anonymous, external, sources, churn_of(label), value.horizon_days, None
    )
    reference = _reference(model, {feature.name for feature in of.features})
    parts = over_buckets(
        lambda bucket: engagement_of_bucket(bucket, of, reference), buckets_in(logins), "health"
    )
    folders = Folders(activity, visits, anonymous, events, external, rates_table, facts_file)
    last_day = sources.log_end if reference is None else reference.last
    of_accounts = cards(sources_of(business, log, label, rates, folders), last_day)
    users = pl.concat(parts).join(of_accounts.users, on="user_id", how="left").sort("user_id")
    write_parquet(of_accounts.accounts, health / HEALTH_ACCOUNTS.path.name)
    write_parquet(users, health / HEALTH_USERS.path.name)
    of_engagement = _of_engagement(users, reference)
    write_json(
        {
            "as_of": sources.log_end.isoformat(),
            "engagement": of_engagement,
            "accounts": summary(of_accounts),
        },
        report,
    )


def _reference(model: Path, features: set[str]) -> Reference | None:
    """The model's reference; None if it has none, or the log in use lacks a component."""
    reference = load_engagement(model / LOGIN)
    return reference if reference is not None and set(reference.names) <= features else None


def _of_engagement(users: pl.DataFrame, reference: Reference | None) -> dict[str, object]:
    if reference is None:
        return {"because": _NO_COMPONENTS}
    known = users["engagement"].drop_nulls()
    change = users["engagement_change_28d"].drop_nulls()
    return {
        "users": users.height,
        "known": known.len(),
        "mean": known.mean(),
        "median": known.median(),
        "changed": change.len(),
        "mean_change_28d": change.mean(),
        "weights": {one.name: one.weight for one in reference.components},
        "weighted_by": reference.weights,
        "reference_rows": reference.rows,
        "reference_first": reference.first.isoformat(),
        "reference_last": reference.last.isoformat(),
    }


if __name__ == "__main__":
    main(run)
