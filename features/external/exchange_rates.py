"""Exchange rates as known at the end of a day, by the rule of `features.external.as_of`."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from features.external.as_of import as_of_join


@dataclass(frozen=True, slots=True)
class RateTable:
    """Exchange rates as they were published.

    `rates`: `date, currency, rate` (units per one `base`), `known_at` (UTC). A rate is used for days at most
    `max_age_days` after its date.
    """

    rates: pl.DataFrame
    base: str
    max_age_days: int


def exchange(
    pairs: pl.DataFrame, rates: pl.DataFrame, reporting: str | None, *, base: str, max_age_days: int
) -> pl.DataFrame:
    """`pairs` (`currency, day, day_end`, each once) with `worth`: the value of one unit of `currency` in `reporting`.

    `rates`: `date, currency, rate` (units per one `base`), `known_at` (UTC). The rate of a day is the latest
    one known before `day_end` (UTC instant), at most `max_age_days` older than `day`; two of them make a
    cross rate. `worth` is null if either is missing, and exactly 1 for `reporting`.
    """
    ends = pairs.select("day", "day_end").unique().sort("day_end")
    known = _with_known_day(rates, ends, max_age_days)
    days = ends.with_columns(currency=pl.lit(reporting, dtype=pl.String))
    quoted = _rate_at(pairs, known, base, max_age_days, "quoted")
    target = _rate_at(days, known, base, max_age_days, "target").drop("currency")
    same = pl.col("currency").eq_missing(reporting)
    worth = pl.when(same).then(1.0).otherwise(pl.col("target") / pl.col("quoted"))
    crossed = quoted.join(target, on=["day", "day_end"], how="left", maintain_order="left")
    return crossed.select("currency", "day", "day_end", worth.alias("worth"))


def _with_known_day(rates: pl.DataFrame, ends: pl.DataFrame, max_age_days: int) -> pl.DataFrame:
    """The `rates` that may count, with `known_day`: the first of the days `ends` that ends after `known_at`."""
    oldest, latest = ends["day"].min(), ends["day"].max()
    dated = pl.col("date").is_between(
        pl.lit(oldest, dtype=pl.Date) - timedelta(days=max_age_days), pl.lit(latest, dtype=pl.Date)
    )
    return (
        rates.filter(dated)
        .sort("known_at")
        .join_asof(
            ends.rename({"day": "known_day"}),
            left_on="known_at",
            right_on="day_end",
            strategy="forward",
            allow_exact_matches=False,
        )
    )


def _rate_at(
    wanted: pl.DataFrame, known: pl.DataFrame, base: str, max_age_days: int, name: str
) -> pl.DataFrame:
    """`wanted` (currency, day, day_end) with the rate `name`; null if no rate is known or all are too old."""
    dated = as_of_join(wanted, known, ("currency",), "rate", max_age_days)
    rate = pl.when(pl.col("currency") == base).then(1.0).otherwise(pl.col("rate"))
    return dated.select("currency", "day", "day_end", rate.alias(name))
