"""Public holidays near each day, and the needs of each external value."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import holidays
import polars as pl

from features.contract.countries import country_code
from features.external.price_changes import CURRENCY_WINDOWS
from features.totals import external_column

EXTERNAL_NEEDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("holiday", "days_to_holiday", "days_since_holiday"), frozenset({"country"})),
    **{f"currency_price_change_{days}d": frozenset({"currency"}) for days in CURRENCY_WINDOWS},
}
_YEAR = timedelta(days=366)


def holidays_near(countries: pl.Series, first_day: date, last_day: date) -> pl.DataFrame:
    """Per country and day: `holiday`, `days_to_holiday`, `days_since_holiday`, as external columns.

    `countries`: names or ISO codes as the log writes them. One that the package `holidays` does not know
    has no rows, so its values are missing. Public holidays are known in advance. Single ones (a
    jubilee, a state funeral) may not be, so they are left out.
    """
    days = pl.date_range(first_day, last_day, eager=True).alias("day").to_frame()
    by_country = [
        days.with_columns(pl.lit(country).alias("country"))
        .join_asof(dates, left_on="day", right_on="next", strategy="forward")
        .join_asof(dates.rename({"next": "last"}), left_on="day", right_on="last", strategy="backward")
        for country in countries.drop_nulls().unique().sort()
        if (dates := _public_holidays(country, first_day - _YEAR, last_day + _YEAR)) is not None
    ]
    schema = {"day": pl.Date, "country": pl.String, "next": pl.Date, "last": pl.Date}
    near = pl.concat(by_country) if by_country else pl.DataFrame(schema=schema)
    return near.select(
        "day",
        "country",
        (pl.col("next") == pl.col("day")).cast(pl.Int32).alias(external_column("holiday")),
        (pl.col("next") - pl.col("day")).dt.total_days().alias(external_column("days_to_holiday")),
        (pl.col("day") - pl.col("last")).dt.total_days().alias(external_column("days_since_holiday")),
    )


@cache
def _public_holidays(country: str, first_day: date, last_day: date) -> pl.DataFrame | None:
    code = country_code(country)
    if code is None:
        return None
    calendar = holidays.country_holidays(code, years=range(first_day.year, last_day.year + 1))
    return pl.DataFrame({"next": sorted(set(calendar) - _called_once(calendar))}, schema={"next": pl.Date})


def _called_once(calendar: holidays.HolidayBase) -> set[date]:
    """The days that the package lists by the year, because no rule gives them."""
    by_year = getattr(calendar, "special_public_holidays", {})
    dates = (
        (year, day)
        for year, days in by_year.items()
        for day in (days if isinstance(days[0], tuple) else (days,))
    )
    return {date(year, day[0], day[1]) for year, day in dates}
