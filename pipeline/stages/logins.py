"""Stage `logins`: user-days to login rows, with every feature and the label."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from features.aggregation.from_events import RowSources, login_rows_of
from features.define import Feature
from models.labels.churn import Churn
from models.labels.identified import without_identified
from models.labels.label import with_label
from models.labels.outages import without_outages
from models.labels.under_contract import contract_ends, under_contract
from models.rows import ROW_COLUMNS
from pipeline.config.sections import Features, Label, Log, Rates, Split
from pipeline.errors import InputError
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.dataset import training_ends
from pipeline.learning.gates import refuse_without_ends
from pipeline.learning.landmarks import read_visits, service_of
from pipeline.log.external_data import users_in
from pipeline.log.facts import read_facts
from pipeline.log.log_in_use import read_log_in_use
from pipeline.runner.local import over_buckets
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    ANONYMOUS,
    EXTERNAL_CHECKED,
    EXTERNAL_REPORT,
    LOG_FACTS,
    LOGINS,
    RATES,
    VISITS,
)
from pipeline.storage.feature_file import FEATURES_FILE, write_features
from pipeline.storage.frames import bucket_file, buckets_in, read_bucket, write_parquet


def run(
    log: Log,
    features: Features,
    label: Label,
    split: Split,
    rates: Rates,
    activity: In = ACTIVITY.path,
    visits: In = VISITS.path,
    anonymous: In = ANONYMOUS.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    logins: Out = LOGINS.path,
    external: In = EXTERNAL_CHECKED.path,
    external_report: In = EXTERNAL_REPORT.path,
) -> None:
    """Write one file of login rows per bucket of users, and `features.json`.

    The service's recent life is counted over all buckets first. Text attributes have the values that were common in
    the training period. Raises InputError when no user-day is a login.
    """
    values_by = training_ends(read_facts(facts_file), log, label, split)
    in_use = read_log_in_use(log, facts_file, external, external_report, features, values_by)
    churn = churn_of(label)
    contract, facts = in_use.contract, in_use.facts
    refuse_without_ends(churn, contract.meaning.kinds, facts.tells, log.contract)
    buckets = buckets_in(activity)
    sources = in_use.row_sources(rates, rates_table)
    task = partial(
        _bucket,
        features=in_use.features,
        service=service_of(activity, sources),
        sources=sources,
        churn=churn,
        first_day=facts.log_start + timedelta(days=log.warm_up_days),
        activity=activity,
        visits=visits,
        anonymous=anonymous,
        external=external,
        logins=logins,
    )
    rows = sum(over_buckets(task, buckets, "logins"))
    write_features(in_use.features, logins / FEATURES_FILE)
    if rows == 0:
        raise InputError(
            f"{log.path}: no user-day qualifies as a login.\n"
            f"{log.contract}: presence asks for {contract.presence.model_dump()}.\n"
            "Ask for less, or name other kinds."
            + (
                " For label.kind = cancel, a login needs a running subscription."
                if churn.kind == "cancel"
                else ""
            )
        )


def _bucket(
    bucket: int,
    *,
    features: Sequence[Feature],
    service: pl.DataFrame,
    sources: RowSources,
    churn: Churn,
    first_day: date,
    activity: Path,
    visits: Path,
    anonymous: Path,
    external: Path,
    logins: Path,
) -> int:
    """Write the login rows of one bucket from `first_day` on; returns their number."""
    days = read_bucket(activity, bucket)
    rows = login_rows_of(days, features, service, users_in(external, bucket), sources)
    known = without_outages(
        labelled(rows, days, churn, sources.log_end, read_visits(visits, bucket)),
        "login_day",
        sources.contract.outages,
    )
    known = without_identified(known, read_bucket(anonymous, bucket))
    kept = known.filter(pl.col("login_day") >= first_day)
    names = [feature.name for feature in features]
    write_parquet(kept.select(*ROW_COLUMNS, *names), bucket_file(logins, bucket))
    return kept.height


def labelled(
    rows: pl.DataFrame,
    days: pl.DataFrame,
    churn: Churn,
    log_end: date,
    visits: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`rows` with their labels, for `cancel` only those under a subscription; `days`: the user-days of the users.

    `visits`: as in `with_label`.
    """
    if churn.kind != "cancel":
        return with_label(rows, log_end, churn, visits=visits)
    of_contract = under_contract(days).filter(days["logins"] == 1)
    return with_label(rows, log_end, churn, contract_ends(days, churn.cancel.grace_days)).filter(of_contract)


if __name__ == "__main__":
    main(run)
