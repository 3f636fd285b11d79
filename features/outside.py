"""Values from outside the log, joined as they were known at the end of a login day."""

from collections.abc import Mapping
from datetime import date, timedelta

import holidays
import polars as pl

from features.context import CURRENCY_WINDOWS

OUTSIDE_NEEDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("holiday", "days_to_holiday", "days_since_holiday"), frozenset({"country"})),
    **{f"currency_price_change_{days}d": frozenset({"currency"}) for days in CURRENCY_WINDOWS},
}
_YEAR = timedelta(days=366)


def holidays_near(countries: pl.Series, first_day: date, last_day: date) -> pl.DataFrame:
    """Per country and day: `holiday`, `days_to_holiday`, `days_since_holiday`, suffixed `@outside`.

    `countries`: names or ISO codes as the log writes them. One that the package `holidays` does not know
    has no rows, so its values are missing. Public holidays are known in advance, so no `known_at`.
    """
    days = pl.date_range(first_day, last_day, eager=True).alias("day").to_frame()
    parts = [
        days.with_columns(pl.lit(country).alias("country"))
        .join_asof(dates, left_on="day", right_on="next", strategy="forward")
        .join_asof(dates.rename({"next": "last"}), left_on="day", right_on="last", strategy="backward")
        for country in sorted(set(countries.drop_nulls()))
        if (dates := _public_holidays(country, first_day - _YEAR, last_day + _YEAR)) is not None
    ]
    schema = {"day": pl.Date, "country": pl.String, "next": pl.Date, "last": pl.Date}
    near = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
    return near.select(
        "day",
        "country",
        (pl.col("next") == pl.col("day")).cast(pl.Int32).alias("holiday@outside"),
        (pl.col("next") - pl.col("day")).dt.total_days().alias("days_to_holiday@outside"),
        (pl.col("day") - pl.col("last")).dt.total_days().alias("days_since_holiday@outside"),
    )


def country_code(name: str) -> str | None:
    """The ISO code of a country written as a code or as its English name; None when unknown.

    >>> country_code("United Kingdom"), country_code("de"), country_code("Unspecified")
    ('GB', 'DE', None)
    """
    supported = holidays.list_supported_countries()
    if name.strip().upper() in supported:
        return name.strip().upper()
    module = name.strip().lower().replace(" ", "_")
    found = holidays.registry.COUNTRIES.get(module)
    return str(found[1]) if found else None


def _public_holidays(country: str, first_day: date, last_day: date) -> pl.DataFrame | None:
    code = country_code(country)
    if code is None:
        return None
    calendar = holidays.country_holidays(code, years=range(first_day.year, last_day.year + 1))
    return pl.DataFrame({"next": sorted(calendar)}, schema={"next": pl.Date})


def price_changes(
    pairs: pl.DataFrame, rates: pl.DataFrame, reporting: str, base: str, max_age_days: int
) -> pl.DataFrame:
    """By how much a price of the reporting currency rose in a user's currency over 7, 30 and 90 days.

    `pairs`: each `day, currency` once, with `day_end` (UTC instant at which the day ends). `rates`: `date,
    currency, rate, known_at`. Each rate is the latest one known before its day's end, at most
    `max_age_days` old; where there is none the change is missing.
    """
    changes = pairs
    for days in (0, *CURRENCY_WINDOWS):
        moved = changes.with_columns(
            (pl.col("day") - pl.duration(days=days)).alias("of_day"),
            (pl.col("day_end") - pl.duration(days=days)).alias("of_end"),
        )
        changes = changes.with_columns(
            _price(moved, rates, reporting, base, max_age_days).alias(f"price@{days}")
        )
    return changes.select(
        "day",
        "currency",
        *(
            (pl.col("price@0") / pl.col(f"price@{days}")).alias(f"currency_price_change_{days}d@outside")
            for days in CURRENCY_WINDOWS
        ),
    )


def _price(
    moved: pl.DataFrame, rates: pl.DataFrame, reporting: str, base: str, max_age_days: int
) -> pl.Series:
    own = _rate_known(moved, rates, base, max_age_days)
    reported = _rate_known(moved.with_columns(pl.lit(reporting).alias("currency")), rates, base, max_age_days)
    same = moved["currency"] == reporting
    return pl.select(pl.when(same).then(1.0).otherwise(own / reported)).to_series()


def _rate_known(moved: pl.DataFrame, rates: pl.DataFrame, base: str, max_age_days: int) -> pl.Series:
    found = (
        moved.with_row_index("position")
        .sort("of_end")
        .join_asof(
            rates.sort("known_at"),
            left_on="of_end",
            right_on="known_at",
            by="currency",
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .sort("position")
    )
    fresh = (pl.col("of_day") - pl.col("date")).dt.total_days() <= max_age_days
    rate = pl.when(pl.col("currency") == base).then(1.0).when(fresh).then(pl.col("rate"))
    return found.select(rate).to_series()
