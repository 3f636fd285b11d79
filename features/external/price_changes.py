"""The change of a price of the reporting currency in a user's currency."""

import polars as pl

from features.external.exchange_rates import exchange
from features.totals import external_column

CURRENCY_WINDOWS = (7, 30, 90)
"""The windows of price changes, in days."""


def price_changes(
    pairs: pl.DataFrame, rates: pl.DataFrame, reporting: str, base: str, max_age_days: int
) -> pl.DataFrame:
    """By how much a price of the reporting currency rose in a user's currency over 7, 30 and 90 days.

    `pairs`: each `day, currency` once, with `day_end` (UTC instant at which the day ends). `rates`: `date,
    currency, rate, known_at`. Each rate is the latest one known before its day's end, at most
    `max_age_days` old; without one the change is missing.
    """
    changes = pairs
    for days in (0, *CURRENCY_WINDOWS):
        moved = pairs.select(
            "currency", *((pl.col(name) - pl.duration(days=days)) for name in ("day", "day_end"))
        )
        worth = exchange(moved, rates, reporting, base=base, max_age_days=max_age_days)
        at = worth.select(
            "currency", pl.col("day") + pl.duration(days=days), pl.col("worth").alias(f"worth@{days}")
        )
        changes = changes.join(at, on=["currency", "day"], how="left", maintain_order="left")
    return changes.select(
        "day",
        "currency",
        *(
            (pl.col(f"worth@{days}") / pl.col("worth@0")).alias(
                external_column(f"currency_price_change_{days}d")
            )
            for days in CURRENCY_WINDOWS
        ),
    )
