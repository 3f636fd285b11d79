"""Holidays and exchange rates for the hand-tuned script: made once per run, then looked up by row number."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from features.external.holidays import holidays_near
from pipeline.demo.world.countries import COUNTRIES

COUNTRY = pl.Enum(sorted({country.code for country in COUNTRIES}))
CURRENCY = pl.Enum(sorted({country.currency for country in COUNTRIES}))
CURRENCY_WINDOWS = (7, 30, 90)
_EPOCH = date(1970, 1, 1)
_OLDEST_RATE = "10d"


@dataclass(frozen=True, slots=True)
class ExternalData:
    """External values: columns of f32 (money: f64) whose row is `code * days + day`.

    `first`: the log's first day since 1970; `days`: their number.
    """

    first: int
    days: int
    to_eur: pl.Series
    by_country: dict[str, pl.Series]
    by_currency: dict[str, pl.Series]


def external(rates: pl.DataFrame, log_start: str, log_end: str) -> ExternalData:
    """Values of every day of the log, for the countries and currencies of the demo."""
    first, last = date.fromisoformat(log_start), date.fromisoformat(log_end)
    days = (last - first).days + 1
    near = holidays_near(pl.Series(COUNTRY.categories), first, last)
    values = [name for name in near.columns if name.endswith("@external")]
    prices = _prices(rates, first, last)
    return ExternalData(
        first=(first - _EPOCH).days,
        days=days,
        to_eur=1 / prices[max(CURRENCY_WINDOWS) :].unpivot()["value"],
        by_country={name.removesuffix("@external"): near[name].cast(pl.Float32) for name in values},
        by_currency={
            f"currency_price_change_{window}d": _changed(prices, window) for window in CURRENCY_WINDOWS
        },
    )


def _prices(rates: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """The price of 1 EUR in each currency, one row per day, beginning one longest window before `first`."""
    begin = first - timedelta(days=max(CURRENCY_WINDOWS))
    calendar = pl.date_range(begin, last, eager=True).alias("date").to_frame()
    return pl.DataFrame(
        {
            currency: pl.Series([1.0]).new_from_index(0, calendar.height)
            if currency == "EUR"
            else calendar.join_asof(
                rates.filter(pl.col("currency") == currency).sort("date"), on="date", tolerance=_OLDEST_RATE
            )["rate"]
            for currency in CURRENCY.categories
        }
    )


def _changed(prices: pl.DataFrame, window: int) -> pl.Series:
    change = prices.select(pl.all() / pl.all().shift(window))[max(CURRENCY_WINDOWS) :]
    return change.unpivot()["value"].cast(pl.Float32)
