"""A plain recount of features from the raw events of some users, without the engine that makes the rows.

It joins each row with its user's days, and adds up those within the window. What it cannot count this way is left out:
external values, activity of the service, new counterparts, answers of others, and the hour of the day.
Promise: nothing of `features.aggregation` is used.
"""

from collections.abc import Sequence

import polars as pl

from features.define import Feature
from features.totals import Total, totals_of
from pipeline.verification.plain_days import PlainDays, PlainLog

_CIRCLES = frozenset({"regular_counterparts", "ceased_counterparts"})


def can_count(feature: Feature, log: PlainLog) -> bool:
    """Whether each total of the feature can be counted plainly."""
    totals = totals_of(feature.value)
    return bool(totals) and feature.dimension != "silence" and all(_can(total, log) for total in totals)


def _can(total: Total, log: PlainLog) -> bool:
    if total.window == "known":
        return total.measure in log.last_known
    if total.source in _CIRCLES:
        return total.window == "day"
    return total.window != "external" and (total.source in log.summed or total.source in log.counted)


def recounted(
    features: Sequence[Feature], days: PlainDays, rows: pl.DataFrame, log: PlainLog
) -> pl.DataFrame:
    """`user_id` and each of `features` that can be counted, at the end of the day that it is told of.

    `days`: of `plain_days`. `rows`: `user_id, as_of, last_login_day`, one per user. A feature that moves is of `as_of`,
    any other of the last login day.
    """
    made = rows.select("user_id")
    for moves, day in ((True, "as_of"), (False, "last_login_day")):
        of_day = [feature for feature in features if feature.moves == moves and can_count(feature, log)]
        if of_day:
            made = made.join(_at(of_day, days, rows.select("user_id", at=day)), on="user_id", how="left")
    return made


def _at(features: Sequence[Feature], of: PlainDays, rows: pl.DataFrame) -> pl.DataFrame:
    """`user_id` and `features` at the end of the day `at` of each of `rows`."""
    totals = sorted({total for one in features for total in totals_of(one.value)}, key=lambda one: one.column)
    known = (
        rows.join(of.days, on="user_id", how="left")
        .filter(pl.col("day") <= pl.col("at"))
        .sort("user_id", "day")
    )
    logged_in = pl.col("logins") == 1
    earlier = pl.col("day").filter(logged_in & (pl.col("day") < pl.col("at"))).max()
    known = known.with_columns(earlier.over("user_id").alias("earlier_login"))
    counted = known.group_by("user_id").agg(
        _total(total).alias(total.column) for total in totals if total.source not in _CIRCLES
    )
    whole = rows.with_columns(day="at").join(counted, on="user_id", how="left")
    if any(total.source in _CIRCLES for total in totals):
        whole = whole.join(circles(of.met, rows), on="user_id", how="left")
    return whole.select("user_id", *(one.value.cast(pl.Float32).alias(one.name) for one in features))


def _total(total: Total) -> pl.Expr:
    """A total of one user's days up to `at`, over the window."""
    day, at, earlier = pl.col("day"), pl.col("at"), pl.col("earlier_login")
    if total.window == "known":
        return pl.col(total.measure).drop_nulls().last()
    source = pl.col(total.source)
    measure = (source > 0).cast(pl.Int64) if total.counts_days else source
    if total.days:
        return measure.filter((at - day).dt.total_days() < total.days).sum()
    came_before = pl.when(earlier.last().is_not_null())
    past_login = (pl.col("logins") == 1) & (day < at) & (measure > 0)
    return {
        "day": measure.filter(day == at).sum(),
        "life": measure.sum(),
        "since": (at.last() - day.filter(measure > 0).max()).dt.total_days(),
        "most": measure.max(),
        "previous": came_before.then(measure.filter(day == earlier).sum()),
        "fresh": came_before.then(measure.filter(day > earlier).sum()),
        "p90": measure.filter(past_login).quantile(0.9, "linear"),
    }[str(total.window)]


def circles(met: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`user_id`, and the numbers of regular counterparts and of those that have gone silent, at the end of `at`.

    `met`: `user_id, counterpart, day`, each once. A counterpart is regular after three days with contact, and has gone
    silent after more days than seven and than three of the pair's mean gaps.
    """
    known = rows.join(met, on="user_id").filter(pl.col("day") <= pl.col("at"))
    day, days = pl.col("day"), pl.len()
    span = (day.max() - day.min()).dt.total_days()
    pairs = known.group_by("user_id", "counterpart").agg(
        days=days, span=span, silent=(pl.col("at").first() - day.max()).dt.total_days()
    )
    regular = pairs.filter(pl.col("days") >= 3)
    patience = pl.max_horizontal(3 * pl.col("span") // (pl.col("days") - 1), 7)
    counts = regular.group_by("user_id").agg(
        regular_counterparts=pl.len().cast(pl.Int64),
        ceased_counterparts=(pl.col("silent") > patience).sum().cast(pl.Int64),
    )
    return rows.select("user_id").join(counts, on="user_id", how="left").fill_null(0)
