"""Stage `logins`: user-days to login rows, with every feature and the label."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from features.aggregation.login_rows import login_rows
from features.aggregation.service import service_life, service_part
from features.contract.countries import as_codes
from features.contract.model import Contract
from features.define import Feature
from features.external.exchange_rates import RateTable
from features.external.join import ExternalFrames, external_values
from models.labels.churn import Churn
from models.labels.label import with_label
from models.labels.under_contract import contract_ends, under_contract
from pipeline.config.params import Features, Label, Log, Rates
from pipeline.errors import InputError
from pipeline.learning.churn_in_use import churn_of, refuse_without_ends
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data, read_external_frames, users_in
from pipeline.log.facts import read_facts
from pipeline.log.feature_set import features_in_use
from pipeline.runner.local import over_buckets
from pipeline.runner.stage import In, Out, main
from pipeline.storage.frames import bucket_file, buckets_in, read_bucket, write_parquet


def run(
    log: Log,
    features: Features,
    label: Label,
    rates: Rates,
    activity: In = Path("data/activity"),
    rates_table: In = Path("data/external/rates.parquet"),
    ingest_report: In = Path("reports/ingest.json"),
    logins: Out = Path("data/logins"),
    outside: In = Path("data/external_checked"),
    external_report: In = Path("reports/external.json"),
) -> None:
    """Write one file of login rows per bucket of users; the service's own life is counted over all first."""
    contract = load_contract(Path(log.contract))
    facts = read_facts(ingest_report)
    buckets = buckets_in(activity)
    columns = ["user_id", "day", "logins", "gap_days"]
    parts = [service_part(read_bucket(activity, bucket, columns)) for bucket in buckets]
    told = read_external_data(external_report)
    churn = churn_of(label)
    refuse_without_ends(churn, contract.meaning.kinds, log.contract)
    task = partial(
        _bucket,
        service=service_life(parts, facts.log_start, facts.log_end),
        contract=contract,
        features=features_in_use(contract, features, facts, told),
        warm_up_days=log.warm_up_days,
        churn=churn,
        rates=RateTable(pl.read_parquet(rates_table), rates.base, rates.max_age_days),
        log_end=facts.log_end,
        log_start=facts.log_start,
        activity=activity,
        around=read_external_frames(outside, told, contract),
        outside=outside,
        logins=logins,
    )
    rows = sum(over_buckets(task, buckets, "logins"))
    if rows == 0:
        raise InputError(
            f"{log.path}: no user-day qualifies as a login.\n"
            f"{log.contract}: presence asks for {contract.presence.model_dump()}.\n"
            "Ask for less, or name other kinds."
            + (" Of label.kind = cancel only logins under contract count." if churn.kind == "cancel" else "")
        )


def _bucket(
    bucket: int,
    *,
    service: pl.DataFrame,
    contract: Contract,
    features: tuple[Feature, ...],
    churn: Churn,
    rates: RateTable,
    log_end: date,
    log_start: date,
    warm_up_days: int,
    activity: Path,
    around: ExternalFrames,
    outside: Path,
    logins: Path,
) -> int:
    days = read_bucket(activity, bucket)
    if "country" in days.columns:
        days = days.with_columns(as_codes(days["country"], contract.country.names))
    around = replace(around, users=users_in(outside, bucket))
    calendar = pl.date_range(log_start, log_end, eager=True).alias("day").to_frame()
    by_country, by_currency = external_values(days, calendar, contract, rates, around)
    rows = login_rows(days, features, by_country, by_currency, service, around)
    warm = pl.col("login_day") >= log_start + timedelta(days=warm_up_days)
    kept = labelled(rows, days, churn, log_end).filter(warm)
    names = [feature.name for feature in features]
    columns = ("user_id", "login_day", "login_number", "churned", "ripe", "window_days", *names)
    write_parquet(kept.select(columns), bucket_file(logins, bucket))
    return kept.height


def labelled(rows: pl.DataFrame, days: pl.DataFrame, churn: Churn, log_end: date) -> pl.DataFrame:
    """`rows`, made from the user-days `days`, with their labels; for `cancel` those under contract alone."""
    if churn.kind != "cancel":
        return with_label(rows, log_end, churn)
    of_contract = under_contract(days).filter(days["logins"] == 1)
    return with_label(rows, log_end, churn, contract_ends(days)).filter(of_contract)


if __name__ == "__main__":
    main(run)
