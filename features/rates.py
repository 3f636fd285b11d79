"""Exchange rates as they were known at the end of a day.

Promise: a rate counts from when it was known, never from before its own date, and only until it is too old.
"""

from datetime import timedelta

import polars as pl


def exchange(
    pairs: pl.DataFrame, rates: pl.DataFrame, reporting: str | None, *, base: str, max_age_days: int
) -> pl.DataFrame:
    """`pairs` (`currency, day, day_end`, each once) with `worth`: what one of `currency` is in `reporting`.

    `rates`: `date, currency, rate` (units per one `base`), `known_at` (UTC). The rate of a day is the latest
    one known before `day_end` (UTC instant), at most `max_age_days` older than `day`; two of them make a
    cross rate. `worth` is null where either is missing, and exactly 1 for `reporting` itself.
    """
    oldest, latest = pairs["day"].min(), pairs["day"].max()
    spare = timedelta(days=3)  # a day may end so much after its date
    known = _as_known(
        rates.filter(
            pl.col("date").is_between(
                pl.lit(oldest, dtype=pl.Date) - timedelta(days=max_age_days),
                pl.lit(latest, dtype=pl.Date) + spare,
            )
        )
    )
    days = pairs.select("day", "day_end").unique().with_columns(currency=pl.lit(reporting, dtype=pl.String))
    own = _rate_at(pairs, known, base, max_age_days, "own")
    target = _rate_at(days, known, base, max_age_days, "target").drop("currency")
    same = pl.col("currency").eq_missing(reporting)
    worth = pl.when(same).then(1.0).otherwise(pl.col("target") / pl.col("own"))
    crossed = own.join(target, on=["day", "day_end"], how="left", maintain_order="left")
    return crossed.select("currency", "day", "day_end", worth.alias("worth"))


def _as_known(rates: pl.DataFrame) -> pl.DataFrame:
    """`rates` in the order in which they became known; a late notice of an older date adds nothing."""
    # A rate fixed ahead counts from its own date on.
    usable = pl.max_horizontal("known_at", pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    ordered = rates.with_columns(usable.alias("usable_at")).sort("currency", "usable_at", "date")
    newest = pl.col("date") >= pl.col("date").cum_max().over("currency")
    return ordered.filter(newest).select("currency", "usable_at", "date", "rate").sort("usable_at", "date")


def _rate_at(
    wanted: pl.DataFrame, known: pl.DataFrame, base: str, max_age_days: int, name: str
) -> pl.DataFrame:
    """`wanted` (currency, day, day_end) with the rate `name`; null where none is known or all are too old."""
    found = wanted.sort("day_end", maintain_order=True).join_asof(
        known,
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
