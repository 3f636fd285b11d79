"""The as-of join: the dated external value that was known on a day.

Promise: a value counts from the time it was known, never before its date, and only until it is too old.
"""

from collections.abc import Sequence
from datetime import timedelta

import polars as pl


def as_of_join(
    wanted: pl.DataFrame, published: pl.DataFrame, by: Sequence[str], value: str, max_age_days: int
) -> pl.DataFrame:
    """`wanted` (`day` and the columns `by`), sorted by day, with `value` as known on that day.

    `published`: `date, known_at, known_day`, the columns `by` and `value`; `known_day` is the first day at
    whose end the value was known. The value of a day is that of the latest `date` up to it, at most
    `max_age_days` older, as last published before its end; null if there is none. So a revision (same date, later
    `known_at`) counts from the time it was known, a late notice of an older date changes nothing, and a value dated
    ahead counts from its date on. A row without `value` is ignored.
    """
    given = published.filter(pl.col(value).is_not_null() & pl.col("known_day").is_not_null())
    ordered = given.with_columns(usable_day().alias("usable_day")).sort(
        "usable_day", "date", "known_at", maintain_order=True
    )
    latest = pl.col("date").cum_max()
    newest = ordered.filter(pl.col("date") >= (latest.over(by) if by else latest))
    joined = wanted.sort("day", maintain_order=True).join_asof(
        newest.select(*by, "usable_day", "date", value),
        left_on="day",
        right_on="usable_day",
        by=list(by) or None,
        strategy="backward",
        check_sortedness=False,
    )
    fresh = pl.col("date") >= pl.col("day") - timedelta(days=max_age_days)
    return joined.select(*wanted.columns, pl.when(fresh).then(pl.col(value)).alias(value))


def usable_day() -> pl.Expr:
    """The first day on which a published row counts."""
    return pl.max_horizontal("date", "known_day")
