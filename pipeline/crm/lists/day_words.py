"""A day as people write it."""

from datetime import date

import polars as pl

_ENGLISH = "en"


def day_in_words(day: date, as_of: date, language: str) -> str:
    """The day in English as "12 March", with its year unless it is that of `as_of`; in other languages by ISO 8601.

    >>> end = date(2022, 3, 31)
    >>> day_in_words(date(2022, 3, 12), end, "en"), day_in_words(date(2021, 3, 12), end, "en-GB")
    ('12 March', '12 March 2021')
    >>> day_in_words(date(2022, 3, 12), end, "de")
    '2022-03-12'
    """
    if language.partition("-")[0] != _ENGLISH:
        return day.isoformat()
    return f"{day.day} {day:%B}" + ("" if day.year == as_of.year else f" {day.year}")


def days_in_words(days: pl.Series, as_of: date, language: str) -> pl.Series:
    """Each of `days` as `day_in_words` writes it; null stays null."""
    each = days.unique().drop_nulls()
    words = [day_in_words(day, as_of, language) for day in each]
    return days.replace_strict(each, pl.Series(words, dtype=pl.String), default=None)
