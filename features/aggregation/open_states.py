"""States from the order of a user's events: whether a subscription runs, whether a complaint waits.

Promise: a day's value depends on events up to that day's end only, in order of time.
"""

from collections.abc import Mapping, Sequence

import polars as pl

_SECONDS_PER_HOUR = 3600


def mark_states(
    placed: pl.DataFrame, meaning: Mapping[str, Sequence[str]], height: int
) -> tuple[pl.Series, ...]:
    """The states of `height` user-days that `meaning` allows (see `measures.MARK_STATES`); null: nothing new.

    `placed`: events sorted by user and time, with `user_id, at, kind` and `day_row`, the number of the user-day.
    """
    states: list[pl.Series] = []
    if {"subscription_start", "subscription_end"} <= meaning.keys():
        started, ended = meaning["subscription_start"], meaning["subscription_end"]
        # A change of plan writes an end and a start at the same instant, in either order: the subscription runs on.
        marks = _marks(placed, started, ended)
        of_last_instant = pl.col("first").filter(pl.col("at") == pl.col("at").max()).any()
        states += _on_days(marks, [of_last_instant.cast(pl.Int64).alias("subscription")], height)
    if {"complaint", "answer"} <= meaning.keys():
        marks = _marks(placed, meaning["complaint"], meaning["answer"])
        states += _on_days(_queued(marks), _COMPLAINTS, height)
    return tuple(states)


_COMPLAINTS = (
    pl.col("open").last().alias("open_complaints"),
    pl.col("first").last().cast(pl.Int64).alias("complaint_waits"),
    pl.col("hours").drop_nulls().last().alias("answer_hours"),
)


def _marks(placed: pl.DataFrame, first: Sequence[str], second: Sequence[str]) -> pl.DataFrame:
    """The events of either list, with `first`: whether it is of the first one."""
    of_first = pl.col("kind").is_in(list(first))
    narrow = placed.select("user_id", "at", "day_row", "kind")
    chosen = narrow.filter(of_first | pl.col("kind").is_in(list(second)))
    return chosen.select("user_id", "at", "day_row", of_first.alias("first"))


def _queued(marks: pl.DataFrame) -> pl.DataFrame:
    """Complaints (`first`) and answers, with `open`, the number waiting, and `hours`, the time to an answer.

    An answer closes one complaint. An answer without a waiting complaint closes none, not even a later one: the
    running sum restarts at its lowest value so far. Only the first answer after a complaint is timed.
    """
    change = pl.when(pl.col("first")).then(1).otherwise(-1)
    running = change.cum_sum().over("user_id").cast(pl.Int64)
    lowest = running.cum_min().over("user_id").clip(upper_bound=0)
    answers = ~pl.col("first") & pl.col("first").shift().over("user_id")
    waited = pl.col("at").diff().dt.total_seconds() / _SECONDS_PER_HOUR
    return marks.with_columns((running - lowest).alias("open"), pl.when(answers).then(waited).alias("hours"))


def _on_days(marks: pl.DataFrame, values: Sequence[pl.Expr], height: int) -> list[pl.Series]:
    by_day = marks.group_by("day_row", maintain_order=True).agg(values)
    days = pl.select(pl.int_range(height, dtype=pl.Int64).alias("day_row"))
    return days.join(by_day, on="day_row", how="left", maintain_order="left").drop("day_row").get_columns()
