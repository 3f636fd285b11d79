"""Events of whole users to one row per user and day.

Promise: a day's row is made of that day's events and of earlier days only.
"""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl

from features.measures import ANGLE_SCALE, Measure, State

_WEEK_ANGLE = pl.col("day").dt.weekday() * (2 * math.pi / 7)


def user_days(
    events: pl.DataFrame,
    measures: Sequence[Measure],
    states: Sequence[State],
    presence_kinds: Collection[str] | None,
    least_events: int,
    least_seconds: int,
) -> pl.DataFrame:
    """One row per user and day, sorted: `user_id, day`, measures (Int64), states, calendar measures.

    `events`: sorted by user and time, with `user_id, at, kind, day` and whatever the measures and
    states name (`amount_minor`, `clock_seconds`, ...). A day is a login (`logins` = 1) when it holds
    at least `least_events` events of `presence_kinds` (None: of any kind) and `least_seconds` of use.
    """
    placed = _with_day_row(events)
    summed = placed.group_by("day_row", maintain_order=True).agg(
        pl.col("user_id", "day").first(),
        *(measure.value.alias(measure.name) for measure in measures if not measure.kinds),
        *(state.value.alias(state.name) for state in states),
    )
    wanted = {measure.name: measure.kinds for measure in measures if measure.kinds}
    counts = _kind_counts(placed, {**wanted, "qualifying": presence_kinds}, summed.height)
    totals = summed.with_columns(counts).select(
        "user_id",
        "day",
        *(measure.name for measure in measures),
        *(state.name for state in states),
        "qualifying",
    )
    present = pl.col("qualifying") >= least_events
    if least_seconds > 0:  # a contract that asks so without a clock is refused
        present &= pl.col("seconds") >= least_seconds
    days = totals.with_columns(present.cast(pl.Int64).alias("logins")).drop("qualifying")
    return _with_calendar(_with_level_gain(days))


def _kind_counts(
    placed: pl.DataFrame, wanted: Mapping[str, Collection[str] | None], height: int
) -> list[pl.Series]:
    """How many events of certain kinds (None: of any) each user-day has, from one count of all kinds."""
    kinds = sorted({kind for several in wanted.values() for kind in several or ()})
    number = pl.col("kind").cast(pl.Enum(kinds), strict=False).to_physical().cast(pl.Int64)
    cell = number.fill_null(len(kinds)) * height + pl.col("day_row")
    cells = placed.select(cell).to_series().to_numpy()
    counts = np.bincount(cells, minlength=height * (len(kinds) + 1)).reshape(len(kinds) + 1, height)
    place = {kind: number for number, kind in enumerate(kinds)}
    return [
        pl.Series(
            name, (counts if several is None else counts[[place[kind] for kind in set(several)]]).sum(axis=0)
        )
        for name, several in wanted.items()
    ]


def _with_day_row(events: pl.DataFrame) -> pl.DataFrame:
    """Number the user-days and measure the pause before each event within its day."""
    new_day = (
        (pl.col("user_id") != pl.col("user_id").shift()) | (pl.col("day") != pl.col("day").shift())
    ).fill_null(value=True)
    pause = pl.col("at").diff().dt.total_seconds()
    return events.with_columns(
        (new_day.cum_sum().cast(pl.Int64) - 1).set_sorted().alias("day_row"),
        pl.when(~new_day).then(pause).alias("pause_seconds"),
    )


def _with_level_gain(days: pl.DataFrame) -> pl.DataFrame:
    """`level_gain`: by how much the level rose over the last known one; a first sight is no gain."""
    if "level" not in days.columns:
        return days
    before = _of_earlier_row(pl.col("level"), pl.col("level").is_not_null())
    gain = (pl.col("level") - before).clip(lower_bound=0).fill_null(0)
    return days.with_columns(gain.round().cast(pl.Int64).alias("level_gain"))


def _with_calendar(days: pl.DataFrame) -> pl.DataFrame:
    """What the dates of the user's login days say: gaps, streaks, weekdays. 0 on other days."""
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


def _of_earlier_row(value: pl.Expr, condition: pl.Expr) -> pl.Expr:
    """`value` of the same user's latest earlier row on which `condition` holds; null when there is none."""
    # A running value over the whole frame, held to the user afterwards, costs a fraction of `over`.
    user = pl.col("user_id").rle_id()
    row = pl.when(condition).then(pl.int_range(pl.len())).forward_fill().shift()
    return pl.when(user.gather(row) == user).then(value.gather(row))
