"""Subscriptions as spans of days, and the movements of monthly recurring revenue (MRR).

The movements are those of ChartMogul (help.chartmogul.com, 203359341 and 4414075567250): New, Expansion, Contraction,
Churn and Reactivation, each on the day on which a customer's MRR changes. Promise: the MRR at the start of a period and
its movements add up to the MRR at the end, exactly, since all are whole minor units.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Ints
from models.business.groups import Members, Totals
from models.business.periods import Periods
from models.business.spans import FOR_EVER, Spans
from models.labels.sequence import day_number

MONTH_DAYS = 30.4375
MOVEMENTS = ("mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churn", "mrr_reactivation")
MARKS = pl.Schema(
    {
        "user": pl.Int64(),
        "at": pl.Datetime("us", "UTC"),
        "day": pl.Int64(),
        "starts": pl.Boolean(),
        "paid_until": pl.Int64(),
        "length_days": pl.Int64(),
        "amount_minor": pl.Int64(),
    }
)
"""A line of the log that starts (or renews) or ends a subscription. `user`: a number. `day`, `paid_until`: numbered
days. `paid_until`, the last day that is paid for, and `length_days`, the days that the amount pays for, are null where
the log does not tell them."""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The spans of subscriptions, and the MRR of each in minor units (0 where no amount or length is known)."""

    spans: Spans
    mrr_minor: Ints


def subscriptions(marks: pl.DataFrame, grace_days: int) -> Subscriptions:
    """The subscriptions that `marks` (`MARKS`, sorted by user and time) tell; a user has one at a time.

    A payment holds until the next one, which takes its place, or until `grace_days` after the last day that is paid
    for. After an end it holds up to the last day that is paid for, or to the day of the end where this is not known.
    An end at the instant of a start is a change of plan.
    """
    starts = marks.filter("starts").with_columns(next_day=pl.col("day").shift(-1).over("user"))
    ends = marks.filter(~pl.col("starts")).select(
        "user", "at", end_day="day", end_paid_until="paid_until", ends="at"
    )
    joined = starts.sort("at").join_asof(
        ends.sort("at"),
        on="at",
        by="user",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    following = pl.col("at").shift(-1).over("user")
    rows = joined.sort("user", "at", maintain_order=True).with_columns(
        ended=pl.col("ends").is_not_null() & (following.is_null() | (pl.col("ends") <= following))
    )
    paid_up = pl.coalesce("end_paid_until", "paid_until") + 1
    unpaid = (pl.col("paid_until") + 1 + grace_days).fill_null(FOR_EVER)
    own_end = pl.when("ended").then(pl.max_horizontal(paid_up, "end_day")).otherwise(unpaid)
    mrr = (pl.col("amount_minor").clip(lower_bound=0) * MONTH_DAYS / pl.col("length_days")).round(
        mode="half_away_from_zero"
    )
    told = rows.select(
        "user",
        begin="day",
        end=pl.min_horizontal(own_end, pl.col("next_day").fill_null(FOR_EVER)),
        mrr=mrr.cast(pl.Int64).fill_null(0),
    ).filter(pl.col("end") > pl.col("begin"))
    spans = Spans(*(told[name].to_numpy() for name in ("user", "begin", "end")))
    return Subscriptions(spans, told["mrr"].to_numpy())


def mrr_totals(periods: Periods, members: Members, subscribed: Subscriptions) -> Totals:
    """`mrr_start, mrr_end`, `MOVEMENTS` in minor units, and `subscribers`, those with MRR at the start of a period.

    Contraction and Churn are negative, as in ChartMogul, so that the movements add up.
    """
    moves = movements(subscribed).filter(pl.col("day") <= day_number(periods.log_end))
    placed = moves.with_columns(period=pl.Series(periods.index_of(moves["day"].to_numpy())))
    split = placed.with_columns(
        *(pl.when(pl.col("movement") == name).then("delta").otherwise(0).alias(name) for name in MOVEMENTS),
        change=(pl.col("after") > 0).cast(pl.Int64) - (pl.col("before") > 0).cast(pl.Int64),
    )
    totals = members.summed(split, (*MOVEMENTS, "change"), len(periods))
    end = np.cumsum(sum((totals[name] for name in MOVEMENTS), np.zeros_like(totals["change"])), axis=0)
    subscribers = np.cumsum(totals.pop("change"), axis=0)
    return totals | {"mrr_end": end, "mrr_start": _before(end), "subscribers": _before(subscribers)}


def movements(subscribed: Subscriptions) -> pl.DataFrame:
    """`user, day, before, after, delta, movement`: each day on which a user's MRR changes; all i64 but the name."""
    spans, mrr = subscribed.spans, subscribed.mrr_minor
    steps = pl.DataFrame(
        {
            "user": np.concatenate([spans.user, spans.user]),
            "day": np.concatenate([spans.begin, spans.end]),
            "delta": np.concatenate([mrr, -mrr]),
        }
    )
    daily = steps.group_by("user", "day").agg(pl.col("delta").sum()).filter(pl.col("delta") != 0)
    level = daily.sort("user", "day").with_columns(after=pl.col("delta").cum_sum().over("user"))
    before = pl.col("after") - pl.col("delta")
    movement = (
        pl.when((before == 0) & (pl.int_range(pl.len()).over("user") == 0))
        .then(pl.lit("mrr_new"))
        .when(before == 0)
        .then(pl.lit("mrr_reactivation"))
        .when(pl.col("after") == 0)
        .then(pl.lit("mrr_churn"))
        .when(pl.col("delta") > 0)
        .then(pl.lit("mrr_expansion"))
        .otherwise(pl.lit("mrr_contraction"))
    )
    return level.select("user", "day", "delta", "after", before=before, movement=movement)


def _before(end: Ints) -> Ints:
    """The value at the start of each period: that at the end of the one before."""
    return np.concatenate([np.zeros_like(end[:1]), end[:-1]])
