"""Amounts of events in the reporting currency, in integer minor units (hundredths).

Promise: no event is lost, none is converted at a rate that was not known when its day ended, and an
amount already in the reporting currency is taken as it stands.
"""

from datetime import timedelta
from typing import Literal

import polars as pl

from features.contract import Currency

Problem = Literal["unknown_currency", "no_rate", "too_large"]

MINOR_UNITS = 100
_MOST_MINOR = 1e17  # a sum of ninety of them still is an Int64
_ROW, _CURRENCY = "@row", "@currency"


def in_reporting(
    events: pl.DataFrame, rates: pl.DataFrame, currency: Currency, *, base: str, max_age_days: int
) -> pl.DataFrame:
    """`events` with `amount_minor` (Int64, hundredths of `currency.reporting`) and `problem` (text or null).

    `events`: amount, day (Date), day_end (UTC instant) and, unless the currency is fixed, currency.
    `rates`: date, currency, rate (units per one `base`), known_at (UTC), as the stage `rates` writes.
    The rate is the latest whose known_at lies before the end of the event's day, at most
    `max_age_days` before that day; two of them make a cross rate by `base`. An amount without
    currency or rate is missing, with the problem named; an event without amount has no problem.
    Rows, their order and their other columns stay.
    """
    if currency.fixed is None and currency.reporting is None:
        raise ValueError("in_reporting: the contract names no currency, so there is nothing to convert to")
    written = pl.lit(currency.fixed, dtype=pl.String) if currency.fixed else pl.col("currency")
    framed = events.with_columns(written.alias(_CURRENCY)).with_row_index(_ROW)
    foreign = framed.filter(pl.col("amount").is_not_null() & pl.col(_CURRENCY).ne_missing(currency.reporting))
    pairs = foreign.select(_CURRENCY, "day", "day_end").unique()
    known = _known_rates(rates)
    own = _rate_at(pairs.rename({_CURRENCY: "currency"}), known, base, max_age_days, "own")
    reported = pairs.select("day", "day_end").unique().with_columns(currency=pl.lit(currency.reporting))
    target = _rate_at(reported, known, base, max_age_days, "target").drop("currency")
    crossed = own.join(target, on=["day", "day_end"], how="left").with_columns(
        unknown=~pl.col("currency").is_in([*rates["currency"].unique(), base]).fill_null(value=False)
    )
    factors = crossed.select(
        pl.col("currency").alias(_CURRENCY),
        "day",
        "day_end",
        "unknown",
        factor=pl.col("target") / pl.col("own"),
    )
    joined = framed.join(
        factors, on=[_CURRENCY, "day", "day_end"], how="left", nulls_equal=True, maintain_order="left"
    )
    return _in_minor_units(joined, currency).select(*events.columns, "amount_minor", "problem")


def _in_minor_units(joined: pl.DataFrame, currency: Currency) -> pl.DataFrame:
    same = pl.col(_CURRENCY).eq_missing(currency.reporting)
    factor = pl.when(same).then(1.0).otherwise(pl.col("factor"))
    minor = (pl.col("amount") * factor * MINOR_UNITS).round(mode="half_away_from_zero")
    fits = minor.is_finite() & (minor.abs() <= _MOST_MINOR)
    problem = (
        pl.when(pl.col("amount").is_null())
        .then(None)
        .when(~same & pl.col("unknown"))
        .then(pl.lit("unknown_currency"))
        .when(factor.is_null())
        .then(pl.lit("no_rate"))
        .when(~fits)
        .then(pl.lit("too_large"))
    )
    return joined.with_columns(
        pl.when(fits).then(minor).cast(pl.Int64).alias("amount_minor"),
        problem.cast(pl.String).alias("problem"),
    )


def _known_rates(rates: pl.DataFrame) -> pl.DataFrame:
    """`rates` in the order in which they became known; a late notice of an older date adds nothing."""
    # A rate fixed ahead counts from its own date on.
    usable = pl.max_horizontal("known_at", pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    ordered = rates.with_columns(usable.alias("usable_at")).sort("currency", "usable_at", "date")
    newest = pl.col("date") >= pl.col("date").cum_max().over("currency")
    return ordered.filter(newest).select("currency", "usable_at", "date", "rate")


def _rate_at(
    wanted: pl.DataFrame, known: pl.DataFrame, base: str, max_age_days: int, name: str
) -> pl.DataFrame:
    """`wanted` (currency, day, day_end) with the rate `name`; null where none is known or all are too old."""
    found = wanted.sort("day_end").join_asof(
        known.sort("usable_at", "date"),
        left_on="day_end",
        right_on="usable_at",
        by="currency",
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    fresh = pl.col("date") >= pl.col("day") - timedelta(days=max_age_days)
    rate = pl.when(pl.col("currency") == base).then(1.0).when(fresh).then(pl.col("rate"))
    return found.select("currency", "day", "day_end", rate.alias(name))
