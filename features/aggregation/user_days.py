"""From the events of whole users to one row per user and day.

Promise: a day's row depends on that day's events and earlier days only. Events in the role `received` are actions of
others. They count in the contact measures only.

Two functions make this fast. `_kind_counts` counts all kinds on all days at once, in one table. `_of_earlier_row` looks
back over the whole frame, sorted by user, and then drops values of another user: a window per user (`over`) would cost
a multiple of that.
"""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.aggregation.contacts import with_contacts
from features.aggregation.measures import ANGLE_SCALE, DECAYED, HALF_LIVES, Measure, State
from features.aggregation.open_states import mark_states
from features.events.received import OWN, ROLE
from features.names import (
    decayed_state,
    kind_measure,
    meaning_measure,
    name_of_top,
    record_measure,
    values_measure,
)

_WEEK_ANGLE = pl.col("day").dt.weekday() * (2 * math.pi / 7)


def user_days(
    events: pl.DataFrame,
    measures: Sequence[Measure],
    states: Sequence[State],
    presence_kinds: Collection[str] | None,
    least_events: int,
    least_seconds: int,
    meaning: Mapping[str, Sequence[str]],
) -> pl.DataFrame:
    """One row per user and day, sorted: `user_id, day`, measures (Int64), states, calendar measures.

    `events`: sorted by user and time, with `user_id, at, kind, day` and the columns that measures and states
    name (`amount_minor`, `clock_seconds`, ...). If they have a `role`, the rows include days on which a user only
    received, and CONTACT_MEASURES. A day is a login (`logins` = 1) when it holds
    at least `least_events` events of `presence_kinds` (None: of any kind) and `least_seconds` of use.
    `meaning`: name to kinds (`Contract.meaning`).
    """
    placed = _with_day_row(events)
    own_events = placed.filter(pl.col(ROLE) == OWN) if ROLE in placed.columns else placed
    summed = (
        _with_pause(own_events)
        .group_by("day_row", maintain_order=True)
        .agg(
            *(measure.value.alias(measure.name) for measure in measures if not measure.kinds),
            *(state.value.alias(state.name) for state in states),
        )
    )
    new_day = placed["day_row"].diff().ne_missing(0)
    days = placed.select("user_id", "day", "day_row").filter(new_day)
    days = days.join(summed, on="day_row", how="left", maintain_order="left")
    wanted = {measure.name: measure.kinds for measure in measures if measure.kinds}
    counts = _kind_counts(own_events, {**wanted, "qualifying": presence_kinds}, days.height)
    totals = days.with_columns(counts).select(
        "user_id",
        "day",
        *(pl.col(measure.name).fill_null(0) for measure in measures),
        *(state.name for state in states),
        "qualifying",
    )
    present = pl.col("qualifying") >= least_events
    if least_seconds > 0:  # a contract that requires this without a clock is refused
        present &= pl.col("seconds") >= least_seconds
    days = totals.with_columns(
        present.cast(pl.Int64).alias("logins"), *mark_states(own_events, meaning, totals.height)
    ).drop("qualifying")
    if ROLE in placed.columns:
        days = with_contacts(days, placed)
    risen = _with_records(_with_gains(days, states))
    whole = _with_calendar(_with_onboarding_gain(risen, meaning.get("onboarding", ())))
    return _with_decays(_with_runs(whole))


def _kind_counts(
    placed: pl.DataFrame, wanted: Mapping[str, Collection[str] | None], height: int
) -> list[pl.Series]:
    """(user-days,) per name of `wanted`: the number of events of its kinds (None: of any kind).

    One table counts each kind on each user-day; a measure is the sum of its kinds' rows. The table takes 8 bytes for
    each kind and user-day (20 MB for 100,000 user-days of 24 kinds) and lives as long as this function.
    """
    kinds = sorted({kind for several in wanted.values() for kind in several or ()})
    index = {kind: number for number, kind in enumerate(kinds)}
    number = pl.col("kind").cast(pl.Enum(kinds), strict=False).to_physical().cast(pl.Int64)
    cell = number.fill_null(len(kinds)) * height + pl.col("day_row")  # the last row: every other kind
    cells = placed.select(cell).to_series().to_numpy()
    counts = np.bincount(cells, minlength=height * (len(kinds) + 1)).reshape(len(kinds) + 1, height)

    def of(several: Collection[str] | None) -> NDArray[np.int64]:
        rows = counts if several is None else counts[[index[kind] for kind in set(several)]]
        return np.asarray(rows.sum(axis=0))

    return [pl.Series(name, of(several)) for name, several in wanted.items()]


def _with_day_row(events: pl.DataFrame) -> pl.DataFrame:
    """`events` with `day_row`, the number of the user-day."""
    new_day = (
        (pl.col("user_id") != pl.col("user_id").shift()) | (pl.col("day") != pl.col("day").shift())
    ).fill_null(value=True)
    return events.with_columns((new_day.cum_sum().cast(pl.Int64) - 1).set_sorted().alias("day_row"))


def _with_pause(own_events: pl.DataFrame) -> pl.DataFrame:
    """The events with `pause_seconds`, the pause before each within its day."""
    same_day = pl.col("day_row") == pl.col("day_row").shift()
    pause = pl.col("at").diff().dt.total_seconds()
    return own_events.with_columns(pl.when(same_day).then(pause).alias("pause_seconds"))


def _with_gains(days: pl.DataFrame, states: Sequence[State]) -> pl.DataFrame:
    """The rises of states over the last known ones, as `State.gain` names them; 0 for the first known value."""
    rises = []
    for state in states:
        if state.gain is not None:
            value = pl.col(state.name)
            rise = (value - _of_earlier_row(value, value.is_not_null())).clip(lower_bound=0).fill_null(0)
            scaled = (rise * state.gain.scale).round().cast(pl.Int64)
            rises.append(scaled.alias(state.gain.measure))
    return days.with_columns(rises)


def _with_records(days: pl.DataFrame) -> pl.DataFrame:
    """By quantity 1 on a day with a larger single value than on all days before, else 0; 0 for the first value."""
    records = []
    for column in days.columns:
        name = name_of_top(column)
        if name is not None:
            top, known = pl.col(column), pl.col(values_measure(name)) > 0
            best = pl.when(known).then(top).cum_max().over("user_id")
            before = best.forward_fill().shift().over("user_id")
            records.append(
                (known & (top > before)).fill_null(value=False).cast(pl.Int64).alias(record_measure(name))
            )
    return days.with_columns(records)


def _with_onboarding_gain(days: pl.DataFrame, steps: Sequence[str]) -> pl.DataFrame:
    """`onboarding_gain`: the number of steps beyond the furthest one so far; `steps` in order."""
    if not steps:
        return days
    done = (
        pl.when(pl.col(kind_measure(kind)) > 0).then(number).otherwise(0)
        for number, kind in enumerate(steps, 1)
    )
    furthest = pl.max_horizontal(done).cum_max().over("user_id")
    before = furthest.shift(1, fill_value=0).over("user_id")
    return days.with_columns((furthest - before).cast(pl.Int64).alias("onboarding_gain"))


def _with_calendar(days: pl.DataFrame) -> pl.DataFrame:
    """The calendar measures of login days: gaps, streaks, weekdays. 0 on other days."""
    is_login, number = pl.col("logins") == 1, pl.col("logins").cum_sum()
    gap = (pl.col("day") - _of_earlier_row(pl.col("day"), is_login)).dt.total_days().fill_null(0)
    on_login = days.with_columns(pl.when(is_login).then(gap).otherwise(0).alias("gap_days"))
    # A user's first login has no gap, so no streak reaches from one user into the next.
    begun = pl.when(is_login & (pl.col("gap_days") != 1)).then(number).forward_fill()
    return on_login.with_columns(
        (pl.col("gap_days") ** 2).alias("gap_days_squared"),
        pl.when(is_login).then(number - begun + 1).otherwise(0).alias("streak_days"),
        (pl.col("logins") * (pl.col("day").dt.weekday() >= 6)).alias("weekend_logins"),
        (pl.col("logins") * (_WEEK_ANGLE.sin() * ANGLE_SCALE).round().cast(pl.Int64)).alias("weekday_sin"),
        (pl.col("logins") * (_WEEK_ANGLE.cos() * ANGLE_SCALE).round().cast(pl.Int64)).alias("weekday_cos"),
    )


def _with_runs(days: pl.DataFrame) -> pl.DataFrame:
    """RUN_STATES: login days and failures after the user's last day with a goal, or all of them without one."""
    goal = meaning_measure("goal")
    counted = {"logins_since_goal": "logins", "failures_since_goal": meaning_measure("failure")}
    runs = {name: measure for name, measure in counted.items() if measure in days.columns}
    if goal not in days.columns or not runs:
        return days
    so_far = days.with_columns(
        pl.col(measure).cum_sum().over("user_id").alias(name) for name, measure in runs.items()
    )
    at_goal = (
        pl.when(pl.col(goal) > 0).then(pl.col(name)).forward_fill().over("user_id").fill_null(0)
        for name in runs
    )
    return so_far.with_columns(pl.col(name) - before for name, before in zip(runs, at_goal, strict=True))


def _with_decays(days: pl.DataFrame) -> pl.DataFrame:
    """DECAY_STATES: level + (value - level) * (1 - 2^(-days since the login before / half-life)), login by login.

    The first value is the first level; a first login has no gap. Source: exponential smoothing for unequal times,
    Wright 1986, "Forecasting data published at irregular time intervals".
    """
    is_login = pl.col("logins") == 1
    kept = {name: is_login & (pl.col(name) > 0) if name == "gap_days" else is_login for name in DECAYED}
    return days.with_columns(
        pl.when(kept[name])
        .then(pl.col(name).cast(pl.Float64))
        .ewm_mean_by("day", half_life=f"{half_life}d")
        .over("user_id")
        .alias(decayed_state(name, half_life))
        for name in DECAYED
        if name in days.columns
        for half_life in HALF_LIVES
    )


def _of_earlier_row(value: pl.Expr, condition: pl.Expr) -> pl.Expr:
    """`value` of the same user's latest earlier row on which `condition` holds; null if there is none.

    It takes one row number (8 bytes) for each row of the frame.
    """
    user = pl.col("user_id").rle_id()
    row = pl.when(condition).then(pl.int_range(pl.len())).forward_fill().shift()
    return pl.when(user.gather(row) == user).then(value.gather(row))
