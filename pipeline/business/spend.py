"""The spend table: what was spent on winning customers, by day or by period, in the reporting currency.

Promise: nothing of the table is skipped. A row that cannot be used stops the run with its number.
"""

import numpy as np
import polars as pl

from features.external.exchange_rates import exchange
from models.arrays import Floats
from models.business.periods import Periods
from models.labels.sequence import day_number
from pipeline.business.sources import Sources
from pipeline.errors import InputError
from pipeline.external.table_reader import dates_of, need_columns, numbers_of, read_table

KEY = "business.spend"
_NEEDED = ("date", "amount", "currency")
_OPTIONAL = ("until", "channel")
_MINOR = 100


def read_spend(sources: Sources) -> pl.DataFrame | None:
    """`date, until, minor`: the rows of the table that begin by the log's last day; None where no table is named.

    The table has `date`, `amount`, `currency`, and may have `until` (the last day that the amount is for; empty: that
    day alone) and `channel`. Amounts are converted at the rate of their first day. Raises InputError for a row that
    cannot be read, a currency without a rate, an end before the beginning, and rows of a channel that overlap.
    """
    path = sources.settings.spend
    if path is None:
        return None
    raw = read_table(path, None, KEY, list(_NEEDED), _OPTIONAL)
    need_columns(raw, list(_NEEDED), path, f"{KEY} needs")
    table = pl.DataFrame({"date": dates_of(raw["date"], path, needed=True)}).with_row_index("row", offset=1)
    until = dates_of(raw["until"], path, needed=False) if "until" in raw.columns else table["date"]
    table = table.with_columns(
        until=until.fill_null(table["date"]),
        amount=numbers_of(raw["amount"], path),
        currency=raw["currency"].cast(pl.String),
        channel=(
            raw["channel"].cast(pl.String) if "channel" in raw.columns else pl.Series([""] * raw.height)
        ).fill_null(""),
    )
    _check(table, path)
    known = table.filter(pl.col("date") <= sources.log_end)
    return _in_reporting(known, sources, path).select("date", "until", "minor")


def spend_by_period(spend: pl.DataFrame, periods: Periods) -> Floats:
    """(periods,) the spend in minor units up to the log's last day, spread evenly over its days; NaN where there is
    none.
    """
    if spend.is_empty():
        return np.full(len(periods), np.nan)
    first = spend["date"].to_physical().cast(pl.Int64).to_numpy()[:, None]
    last = spend["until"].to_physical().cast(pl.Int64).to_numpy()[:, None]
    begins = np.maximum(periods.begins, day_number(periods.log_start))
    within = np.clip(np.minimum(last, periods.ends) - np.maximum(first, begins) + 1, 0, None)
    parts = np.round(spend["minor"].to_numpy()[:, None] * within / (last - first + 1))
    return np.where((within > 0).any(axis=0), parts.sum(axis=0), np.nan)


def _check(table: pl.DataFrame, path: str) -> None:
    for wrong, fault, to_do in (
        (pl.col("amount").is_null(), "there is no amount", "Write one, or leave the row out"),
        (pl.col("amount") < 0, "the amount is negative", "Write what was spent, 0 or more"),
        (
            pl.col("until") < pl.col("date"),
            "until lies before date",
            "Write the last day that the amount is for",
        ),
    ):
        rows = table.filter(wrong)
        if rows.height:
            raise InputError(f"{path}: row {rows['row'][0]}: {fault}.\n{to_do} ({KEY}).")
    placed = table.sort("channel", "date", "until").with_columns(
        before_until=pl.col("until").shift().over("channel"), before_row=pl.col("row").shift().over("channel")
    )
    rows = placed.filter(pl.col("date") <= pl.col("before_until"))
    if rows.height:
        row = rows.row(0, named=True)
        channel = f" of channel {row['channel']!r}" if row["channel"] else ""
        raise InputError(
            f"{path}: rows {row['before_row']} and {row['row']}{channel} overlap: one is for days up to "
            f"{row['before_until']}, the other from {row['date']} on.\n"
            f"Give each day of a channel one row ({KEY})."
        )


def _in_reporting(table: pl.DataFrame, sources: Sources, path: str) -> pl.DataFrame:
    rates, reporting = sources.rates, sources.currency
    ends = table.with_columns(sources.contract.known_until(pl.col("date")).alias("day_end")).rename(
        {"date": "day"}
    )
    pairs = ends.select("currency", "day", "day_end").unique()
    worth = exchange(pairs, rates.rates, reporting, base=rates.base, max_age_days=rates.max_age_days)
    valued = ends.join(
        worth, on=["currency", "day", "day_end"], how="left", nulls_equal=True, maintain_order="left"
    )
    lost = valued.filter(pl.col("worth").is_null())
    if lost.height:
        row = lost.row(0, named=True)
        raise InputError(
            f"{path}: row {row['row']}: no rate of currency {row['currency']!r} to {reporting} is known on "
            f"{row['day']}.\n"
            f"Write the code of a currency that the table of rates has, or {reporting} ({KEY})."
        )
    minor = (pl.col("amount") * pl.col("worth") * _MINOR).round(mode="half_away_from_zero")
    return valued.with_columns(minor=minor.cast(pl.Int64)).rename({"day": "date"})


def spend_missing(spend: pl.DataFrame | None, values: Floats) -> list[str | None]:
    """Why each period has no spend; None where it has some."""
    if spend is None:
        return [f"{KEY} names no table"] * len(values)
    return ["the spend table has no row for this period" if np.isnan(value) else None for value in values]
