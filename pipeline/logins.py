"""Stage `logins`: user-days to login rows, with every feature and the label."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from features.around import Around
from features.contract import Contract
from features.countries import as_codes
from features.define import Feature
from features.login_rows import login_rows
from features.outside import holidays_near, price_changes
from features.service import service_life, service_part
from models.churn import Churn
from models.label import with_label
from models.population import contract_ends, under_contract
from pipeline.contracts import load_contract
from pipeline.engine import over_buckets
from pipeline.errors import InputError
from pipeline.features_in_use import features_in_use
from pipeline.labels import churn_of, refuse_without_ends
from pipeline.log_facts import read_facts
from pipeline.outside_told import read_around, read_told, users_in
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
    outside: In = Path("data/outside"),
    outside_report: In = Path("reports/outside.json"),
) -> None:
    """Write one file of login rows per bucket of users; the service's own life is counted over all first."""
    contract = load_contract(Path(log.contract))
    facts = read_facts(ingest_report)
    buckets = buckets_in(activity)
    columns = ["user_id", "day", "logins", "gap_days"]
    parts = [service_part(read_bucket(activity, bucket, columns)) for bucket in buckets]
    told = read_told(outside_report)
    churn = churn_of(label)
    refuse_without_ends(churn, contract.meaning.kinds, log.contract)
    task = partial(
        _bucket,
        service=service_life(parts, facts.log_start, facts.log_end),
        contract=contract,
        features=features_in_use(contract, features, facts, told),
        warm_up_days=log.warm_up_days,
        churn=churn,
        rates=rates,
        rates_table=pl.read_parquet(rates_table),
        log_end=facts.log_end,
        log_start=facts.log_start,
        activity=activity,
        around=read_around(outside, told, contract),
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
    rates: Rates,
    rates_table: pl.DataFrame,
    log_end: date,
    log_start: date,
    warm_up_days: int,
    activity: Path,
    around: Around,
    outside: Path,
    logins: Path,
) -> int:
    days = read_bucket(activity, bucket)
    if "country" in days.columns:
        days = days.with_columns(as_codes(days["country"], contract.country.names))
    around = replace(around, users=users_in(outside, bucket))
    calendar = pl.date_range(log_start, log_end, eager=True).alias("day").to_frame()
    by_country, by_currency = outside_values(days, calendar, contract, rates, rates_table, around)
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


def outside_values(
    days: pl.DataFrame,
    calendar: pl.DataFrame,
    contract: Contract,
    rates: Rates,
    rates_table: pl.DataFrame,
    around: Around,
) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Values by day and country, and by day and currency, for these user-days; `calendar`: every `day`."""
    by_country = by_currency = None
    users = () if around.users is None else (around.users,)
    told = [frame["country"] for frame in (days, *users) if "country" in frame.columns]
    if told or around.country:
        fixed = pl.Series([around.country], dtype=pl.String)
        countries = pl.concat([*(one.rename("country") for one in told), fixed.rename("country")])
        by_country = holidays_near(countries, calendar["day"][0], calendar["day"][-1])
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
