"""What is known outside the log, joined to login rows in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from features.contract.external_data import ExternalData
from features.contract.model import Contract
from features.define import Feature
from features.external.attributes import attribute_features, with_attributes, with_places
from features.external.calendars import calendar_features, with_calendar
from features.external.dated_tables import dated_features, with_table
from features.external.exchange_rates import RateTable
from features.external.holidays import holidays_near
from features.external.price_changes import price_changes


@dataclass(frozen=True, slots=True)
class ExternalFrames:
    """The frames behind what is told: of users (`with_attributes`), tables and calendars by their names.

    `country`: the ISO code of all users, if one is fixed.
    """

    told: ExternalData = field(default_factory=ExternalData)
    country: str | None = None
    users: pl.DataFrame | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    calendars: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def external_features(told: ExternalData) -> tuple[Feature, ...]:
    """The features made for what is told from outside the log: attributes, dated values, calendars."""
    return (*attribute_features(told), *dated_features(told), *calendar_features(told))


def join_external(rows: pl.DataFrame, around: ExternalFrames) -> pl.DataFrame:
    """`rows` (`user_id, day`, sorted; `country@known`, `city@known` where the log tells them) with all of `around`.

    Adds columns named `...@external`, and what is known of users' places where their events tell none.
    """
    if around.users is not None:
        rows = with_attributes(rows, around.users)
    rows = with_places(rows, around.country)
    for table in around.told.tables:
        rows = with_table(rows, table, around.tables[table.name])
    for calendar in around.told.calendars:
        rows = with_calendar(rows, calendar, around.calendars[calendar.name])
    return rows


def external_values(
    days: pl.DataFrame,
    calendar: pl.DataFrame,
    contract: Contract,
    rates: RateTable,
    around: ExternalFrames,
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
        by_currency = price_changes(pairs, rates.rates, reporting, rates.base, rates.max_age_days)
    return by_country, by_currency
