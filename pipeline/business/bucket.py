"""The sums of one bucket of users: everything that the figures need to know of them.

Promise: a pure function of the files of a bucket. What is handed back does not grow with the bucket, but for one line
for each buyer and period.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Flags
from models.business.cohorts import cohort_parts
from models.business.customers import customer_totals
from models.business.fade import FadeSums, fade_sums
from models.business.groups import Totals
from models.business.money import PAYMENTS, money_totals, paid_by_period, payers, revenue_movements
from models.business.nps import nps_totals
from models.business.periods import Grain, Periods
from models.business.spans import FOR_EVER, Spans, held_at, login_spans
from models.business.subscriptions import Subscriptions, mrr_totals, subscriptions
from models.labels.horizon import horizon_days
from models.labels.sequence import day_number
from pipeline.business.payments import subscription_marks
from pipeline.business.sources import Sources
from pipeline.business.users import Users, cohort_users, read_users


@dataclass(frozen=True, slots=True)
class BucketSums:
    """`totals` and `payers` by grain; the parts of cohorts and fade curve; `lengths`: payments by paid days."""

    totals: dict[Grain, Totals]
    payers: dict[Grain, pl.DataFrame]
    cohorts: tuple[pl.DataFrame, pl.DataFrame]
    fade: FadeSums
    lengths: pl.DataFrame


def bucket_sums(bucket: int, sources: Sources) -> BucketSums:
    """The sums of a bucket."""
    users = read_users(sources, bucket)
    subscribed, lengths = _subscriptions(sources, bucket, users)
    spans = _customers(sources, users, subscribed)
    totals, buyers, paid = {}, {}, {}
    for grain in sources.grains:
        periods = sources.periods(grain)
        sums = customer_totals(periods, users.members, spans, users.logins, users.older, sources.fall)
        if "amount" in sources.facts.tells:
            paid[grain] = paid_by_period(periods, users.days["user"], users.days.select("day", *PAYMENTS))
            sums |= money_totals(periods, users.members, paid[grain])
            buyers[grain] = payers(users.members, paid[grain])
            if sources.has_subscriptions:
                sums |= mrr_totals(periods, users.members, subscribed)
            else:
                held = _held(periods, spans, len(users.older))
                sums |= revenue_movements(periods, users.members, paid[grain], held)
        if "score" in users.days.columns:
            answers = users.days.filter(pl.col("score").is_not_null()).select(
                "user", pl.col("day").to_physical().cast(pl.Int64), "score"
            )
            sums |= nps_totals(periods, users.members, answers.sort("user", "day"))
        totals[grain] = sums
    lost_day = spans.last_ends(len(users.older))
    lost_day = np.where(lost_day < 0, FOR_EVER, lost_day)  # never a customer: nothing to lose
    lost = lost_day <= day_number(sources.log_end)
    return BucketSums(
        totals,
        buyers,
        _cohort_parts(sources, users, lost_day, paid.get(sources.settings.period)),
        fade_sums(users.logins, users.members.group, lost),
        lengths,
    )


def _subscriptions(sources: Sources, bucket: int, users: Users) -> tuple[Subscriptions, pl.DataFrame]:
    """The subscriptions of the users, and how many payments are for how many days."""
    nothing = np.array([], dtype=np.int64)
    lengths = pl.DataFrame(schema={"length_days": pl.Int64, "payments": pl.Int64})
    if not sources.has_subscriptions and sources.churn.kind != "cancel":
        return Subscriptions(Spans(nothing, nothing, nothing), nothing), lengths
    marks = subscription_marks(sources, bucket, users.table.select("user_id", "user"))
    if "subscription_start" not in sources.contract.meaning.kinds:
        marks = _from_the_first_day(users, marks)
    told = marks.filter(pl.col("starts") & pl.col("length_days").is_not_null())
    counted = told.group_by("length_days").agg(payments=pl.len().cast(pl.Int64))
    return subscriptions(marks, sources.settings.grace_days), pl.concat([lengths, counted])


def _from_the_first_day(users: Users, marks: pl.DataFrame) -> pl.DataFrame:
    """Marks of a log that has ends of subscriptions only: a subscription runs from the first login day on."""
    day = pl.col("first_day")
    starts = users.table.select(
        "user", at=(day * 86_400_000_000).cast(pl.Datetime("us", "UTC")), day=day, starts=pl.lit(value=True)
    )
    return pl.concat([marks, starts], how="diagonal").sort("user", "at", "starts", maintain_order=True)


def _customers(sources: Sources, users: Users, subscribed: Subscriptions) -> Spans:
    """The time during which each user is a customer, by `label.kind`."""
    if sources.churn.kind == "cancel":
        return subscribed.spans
    rows = users.table.select("user_id", "user").join(
        pl.DataFrame({"user": users.logins.user, "login_day": users.logins.day}),
        on="user",
        maintain_order="right",
    )
    dated = rows.with_columns(pl.col("login_day").cast(pl.Int32).cast(pl.Date)).select("user_id", "login_day")
    return login_spans(users.logins.user, users.logins.day, horizon_days(dated, sources.churn))


def _held(periods: Periods, spans: Spans, users: int) -> Flags:
    held = np.zeros((users, len(periods)), dtype=bool)
    span, period = held_at(spans, periods.ends)
    held[spans.user[span], period] = True
    return held


def _cohort_parts(
    sources: Sources, users: Users, lost_day: np.ndarray, paid: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    periods, by = sources.periods(sources.settings.period), sources.settings.cohorts_by
    active = pl.DataFrame(
        {"user": users.logins.user, "period": periods.number_of(users.logins.day)}
    ).unique(maintain_order=True).with_columns(active=pl.lit(1, pl.Int64))  # fmt: skip
    lived = active.with_columns(net=pl.lit(0, pl.Int64))
    if paid is not None:
        net = paid.select("user", pl.col("period") + periods.first_number, "net")
        lived = active.join(net, on=["user", "period"], how="full", coalesce=True).with_columns(
            pl.col("active", "net").fill_null(0)
        )
    return cohort_parts(cohort_users(sources, users, lost_day, by), lived, by)
