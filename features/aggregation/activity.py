"""From the canonical events of whole users to user-days, by the log's contract.

Promise: events beyond the log's bounds, written by a wrong clock, are left out of every total.
"""

from collections import Counter
from datetime import date
from typing import NamedTuple

import polars as pl

from features.aggregation.measures import measures_for, states_for
from features.aggregation.user_days import user_days
from features.contract.model import Contract
from features.external.money import in_reporting

NO_CURRENCY = "(none)"


class Activity(NamedTuple):
    """User-days; the number of amounts, by reason of those that could not be converted, and by currency of these."""

    days: pl.DataFrame
    amounts: int
    amount_problems: Counter[str]
    unconverted: Counter[str]


def activity(
    events: pl.DataFrame,
    contract: Contract,
    tells: frozenset[str],
    log_start: date,
    log_end: date,
    rates: pl.DataFrame,
    base: str,
    max_age_days: int,
) -> Activity:
    """The user-days from `log_start` to `log_end`.

    `events`: canonical, of whole users, sorted by user and time. `tells`: the part of the contract's
    promises (`Contract.tells`) that the log fulfils. `rates`: `date, currency, rate, known_at`,
    units per one `base`; a rate older than `max_age_days` is not used.
    """
    local = pl.col("at").dt.convert_time_zone(contract.time.timezone).dt.replace_time_zone(None)
    dated = events.with_columns(contract.day_of(pl.col("at")).alias("day")).filter(
        pl.col("day").is_between(log_start, log_end)
    )
    problems, unconverted, amounts_given = Counter[str](), Counter[str](), 0
    if "amount" in tells:
        numbered = dated.with_row_index("line")
        paid = numbered.filter(pl.col("amount").is_not_null()).with_columns(
            contract.known_until(pl.col("day")).alias("day_end")
        )
        priced = in_reporting(paid, rates, contract.currency, base=base, max_age_days=max_age_days)
        amounts_given = paid.height
        problems.update(priced["problem"].drop_nulls().to_list())
        if "currency" in priced.columns:
            lost = priced.filter(pl.col("problem").is_not_null())["currency"].fill_null(NO_CURRENCY)
            unconverted.update(lost.to_list())
        amounts = pl.repeat(None, dated.height, dtype=pl.Int64(), eager=True)
        amounts = amounts.scatter(priced["line"], priced["amount_minor"])
        dated = dated.with_columns(amounts.alias("amount_minor"))
    if "clock" in tells:
        start = contract.time.starts_at
        into_day = (local - start) - (local - start).dt.truncate("1d")
        dated = dated.with_columns(
            (local - local.dt.truncate("1d")).dt.total_seconds().alias("clock_seconds"),
            (into_day + start).dt.total_seconds().alias("late_clock_seconds"),  # 1 at night may be 25
        )
    presence, sources = contract.presence, contract.sources(tells)
    days = user_days(
        dated,
        measures_for(sources),
        states_for(sources),
        presence.kinds,
        presence.least_events,
        round(presence.least_minutes * 60),
        contract.meaning.kinds,
    )
    return Activity(days, amounts_given, problems, unconverted)
