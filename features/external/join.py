"""Joins external data to login rows."""

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
    """The frames of `external_data`: of users (see `with_attributes`), and tables and calendars by their names.

    `country`: the ISO code of all users, if one is fixed.
    """

    external_data: ExternalData = field(default_factory=ExternalData)
    country: str | None = None
    users: pl.DataFrame | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    calendars: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def external_features(external_data: ExternalData) -> tuple[Feature, ...]:
    """The features of external data: of attributes, dated values and calendars."""
    return (
        *attribute_features(external_data),
        *dated_features(external_data),
        *calendar_features(external_data),
    )


def join_external(rows: pl.DataFrame, external: ExternalFrames) -> pl.DataFrame:
    """`rows` (`user_id, day`, sorted; `country@known`, `city@known` if the log has them) with all of `external`.

    Adds columns named `...@external`, and the country and city of users whose events have none.
    """
    if external.users is not None:
        rows = with_attributes(rows, external.users)
    rows = with_places(rows, external.country)
    for table in external.external_data.tables:
        rows = with_table(rows, table, external.tables[table.name])
    for calendar in external.external_data.calendars:
        rows = with_calendar(rows, calendar, external.calendars[calendar.name])
    return rows


def external_values(
    days: pl.DataFrame,
    calendar: pl.DataFrame,
    contract: Contract,
    rates: RateTable,
    external: ExternalFrames,
) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Values by day and country, and by day and currency, for these user-days; `calendar`: every `day`."""
    by_country = by_currency = None
    users = () if external.users is None else (external.users,)
    places = [frame["country"] for frame in (days, *users) if "country" in frame.columns]
    if places or external.country:
        fixed = pl.Series([external.country], dtype=pl.String)
        countries = pl.concat([*(one.rename("country") for one in places), fixed.rename("country")])
        by_country = holidays_near(countries, calendar["day"][0], calendar["day"][-1])
    if "currency" in days.columns:
        currencies = days.select(pl.col("currency").drop_nulls().unique().sort())
        pairs = calendar.join(currencies, how="cross").with_columns(
            contract.known_until(pl.col("day")).alias("day_end")
        )
        reporting = contract.currency.reporting or ""
        by_currency = price_changes(pairs, rates.rates, reporting, rates.base, rates.max_age_days)
    return by_country, by_currency
