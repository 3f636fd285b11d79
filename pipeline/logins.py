"""Stage `logins`: user-days to login rows, with every feature and the label."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from features.contract import Contract
from features.define import Feature
from features.login_rows import login_rows
from features.outside import holidays_near, price_changes
from models.label import with_label
from pipeline.contracts import load_contract
from pipeline.engine import over_buckets
from pipeline.errors import InputError
from pipeline.features_in_use import features_in_use
from pipeline.log_facts import read_facts
from pipeline.params import Features, Label, Log, Rates
from pipeline.stage import In, Out, main
from pipeline.storage import bucket_file, buckets_in, read_bucket, write_parquet


def run(
    log: Log,
    features: Features,
    label: Label,
    rates: Rates,
    activity: In = Path("data/activity"),
    rates_table: In = Path("data/external/rates.parquet"),
    ingest_report: In = Path("reports/ingest.json"),
    logins: Out = Path("data/logins"),
) -> None:
    """Write one file of login rows per bucket of users."""
    contract = load_contract(Path(log.contract))
    facts = read_facts(ingest_report)
    task = partial(
        _bucket,
        contract=contract,
        features=features_in_use(contract, features, facts),
        warm_up_days=log.warm_up_days,
        label=label,
        rates=rates,
        rates_table=pl.read_parquet(rates_table),
        log_end=facts.log_end,
        log_start=facts.log_start,
        activity=activity,
        logins=logins,
    )
    rows = sum(over_buckets(task, buckets_in(activity), "logins"))
    if rows == 0:
        raise InputError(
            f"{log.path}: no user-day qualifies as a login.\n"
            f"{log.contract}: presence asks for {contract.presence.model_dump()}.\n"
            "Ask for less, or name other kinds."
        )


def _bucket(
    bucket: int,
    *,
    contract: Contract,
    features: tuple[Feature, ...],
    label: Label,
    rates: Rates,
    rates_table: pl.DataFrame,
    log_end: date,
    log_start: date,
    warm_up_days: int,
    activity: Path,
    logins: Path,
) -> int:
    days = read_bucket(activity, bucket)
    calendar = pl.date_range(log_start, log_end, eager=True).alias("day").to_frame()
    by_country, by_currency = outside_values(days, calendar, contract, rates, rates_table)
    rows = login_rows(days, features, by_country, by_currency)
    labelled = with_label(rows, log_end, label.horizon_days, label.lead_days)
    kept = labelled.filter(pl.col("login_day") >= log_start + timedelta(days=warm_up_days))
    names = [feature.name for feature in features]
    columns = ("user_id", "login_day", "login_number", "churned", "ripe", *names)
    write_parquet(kept.select(columns), bucket_file(logins, bucket))
    return kept.height


def outside_values(
    days: pl.DataFrame, calendar: pl.DataFrame, contract: Contract, rates: Rates, rates_table: pl.DataFrame
) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Values by day and country, and by day and currency, for these user-days; `calendar`: every `day`."""
    by_country = by_currency = None
    if "country" in days.columns:
        by_country = holidays_near(days["country"], calendar["day"][0], calendar["day"][-1])
    if "currency" in days.columns:
        currencies = days.select(pl.col("currency").drop_nulls().unique().sort())
        pairs = calendar.join(currencies, how="cross").with_columns(
            contract.day_end(pl.col("day")).alias("day_end")
        )
        reporting = contract.currency.reporting or ""
        by_currency = price_changes(pairs, rates_table, reporting, rates.base, rates.max_age_days)
    return by_country, by_currency


if __name__ == "__main__":
    main(run)
