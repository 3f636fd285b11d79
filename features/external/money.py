"""Amounts of events in the reporting currency, in integer minor units (hundredths).

Promise: no event is lost. No rate is used that was unknown when the day of the event ended. An amount in the reporting
currency stays unchanged.
"""

import polars as pl

from features.contract.values import Currency
from features.external.exchange_rates import exchange

MINOR_UNITS = 100
_MOST_MINOR = 1e17  # a sum of ninety of them is still an Int64
_ROW, _CURRENCY = "@row", "@currency"


def in_reporting(
    events: pl.DataFrame, rates: pl.DataFrame, currency: Currency, *, base: str, max_age_days: int
) -> pl.DataFrame:
    """`events` with `amount_minor` (Int64, hundredths of `currency.reporting`) and `problem` (text or null).

    `events`: amount, day (Date), day_end (UTC instant) and, unless the currency is fixed, currency.
    `rates`: date, currency, rate (units per one `base`), known_at (UTC), as the stage `rates` writes.
    The rate is the latest whose known_at lies before the end of the event's day, at most
    `max_age_days` before that day; two of them make a cross rate by `base`. An amount without
    currency or rate is missing, with the problem named (unknown_currency, no_rate, too_large); an event
    without amount has no problem. Rows, their order and other columns stay.
    """
    if currency.fixed is None and currency.reporting is None:
        raise ValueError("in_reporting: the contract names no currency, so there is nothing to convert to")
    written = pl.lit(currency.fixed, dtype=pl.String) if currency.fixed else pl.col("currency")
    framed = events.with_columns(written.alias(_CURRENCY)).with_row_index(_ROW)
    foreign = framed.filter(pl.col("amount").is_not_null() & pl.col(_CURRENCY).ne_missing(currency.reporting))
    pairs = foreign.select(_CURRENCY, "day", "day_end").unique()
    worth = exchange(
        pairs.rename({_CURRENCY: "currency"}), rates, currency.reporting, base=base, max_age_days=max_age_days
    )
    quoted = pl.col("currency").is_in([*rates["currency"].unique(), base])
    factors = worth.with_columns(unknown=~quoted.fill_null(value=False)).rename({"currency": _CURRENCY})
    joined = framed.join(
        factors, on=[_CURRENCY, "day", "day_end"], how="left", nulls_equal=True, maintain_order="left"
    )
    return _in_minor_units(joined, currency).select(*events.columns, "amount_minor", "problem")


def _in_minor_units(joined: pl.DataFrame, currency: Currency) -> pl.DataFrame:
    same = pl.col(_CURRENCY).eq_missing(currency.reporting)
    factor = pl.when(same).then(1.0).otherwise(pl.col("worth"))
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
