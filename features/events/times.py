"""The times of events: when each is known, and when it happened.

A line with a zone of its own belongs to the day that the clock of this zone shows: its time is stored as the instant
at which the clock of the contract's zone shows the same. A line that arrived on a later day than it happened is known
from its arrival on, so it is stored with the time of its arrival; `happened_at` keeps the other. Promise: no event is
stored with a time at which it was not known.
"""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from features.contract.model import Contract
from features.events.clock_faults import ClockFault, line_faults
from features.events.fields import Plan, dtype_of, raw_column, text_of, without_null_values
from features.timestamps import UTC_TIME, in_own_zones, read_instants, read_instants_in_zones

HAPPENED = "happened_at"
"""Column of stored events: when a late one happened; null for an event that was known on its day."""


@dataclass(frozen=True, slots=True)
class Times:
    """`stored`: the columns `at` and, if the log says when lines arrived, `HAPPENED`; `faults`: as `line_faults`."""

    stored: tuple[pl.Series, ...]
    faults: Counter[ClockFault]


def times_of(plan: Plan, made: pl.DataFrame) -> Times:
    """The times of the rows of `made`, which has the raw and the derived columns."""
    contract, time = plan.contract, plan.contract.time
    written, zones = _written(plan, made, "at"), None
    if contract.has("timezone"):
        zones = made.select(text_of(plan, "timezone").fill_null(time.timezone)).to_series()
        happened = read_instants_in_zones(written, time.formats, zones, epoch_is_local=time.epoch_is_local)
        faults = line_faults(
            written, happened, time.formats, "UTC"
        )  # where no clock skips or repeats an hour
    else:
        happened = read_instants(written, time.formats, time.timezone, epoch_is_local=time.epoch_is_local)
        faults = line_faults(written, happened, time.formats, time.timezone)
    shown = happened if zones is None else in_own_zones(happened, zones, time.timezone)
    if not contract.has("received_at"):
        return Times((shown.alias("at"),), faults)
    arrived = read_instants(
        _written(plan, made, "received_at"), _with_iso(time.formats), time.timezone,
        epoch_is_local=time.epoch_is_local,
    )  # fmt: skip
    return Times(
        _known(contract, shown, arrived if zones is None else in_own_zones(arrived, zones, time.timezone)),
        faults,
    )


def _written(plan: Plan, made: pl.DataFrame, name: str) -> pl.Series:
    return made.select(without_null_values(plan, raw_column(plan, name), dtype_of(plan, name))).to_series()


def _with_iso(formats: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return formats if None in formats else (*formats, None)


def _known(contract: Contract, happened: pl.Series, arrived: pl.Series) -> tuple[pl.Series, ...]:
    """`at` and `HAPPENED`. A clock that is ahead of the arrival by a day is wrong: the arrival stands for both."""
    day, day_of_arrival = (contract.day_of(pl.col(name)) for name in ("happened", "arrived"))
    known = pl.DataFrame([happened.alias("happened"), arrived.alias("arrived")]).select(
        pl.when(pl.col("happened").is_not_null() & (day != day_of_arrival))
        .then("arrived")
        .otherwise("happened")
        .cast(UTC_TIME)
        .alias("at"),
        pl.when(day < day_of_arrival).then("happened").cast(UTC_TIME).alias(HAPPENED),
    )
    return tuple(known.get_columns())
