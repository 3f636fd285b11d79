"""Revenue, orders and buyers of each period; who pays how much of it; and its movements from one period to the next.

All amounts are whole minor units. Promise: the revenue of the period before and its movements add up to that of the
period, exactly.
"""

import numpy as np
import polars as pl

from models.arrays import Flags, Floats, Ints
from models.business.groups import Draws, Members, Totals
from models.business.periods import Periods
from models.business.subscriptions import MOVEMENTS

TOP_SHARE = 0.08
PAYMENTS = ("revenue", "refunds", "orders")


def paid_by_period(periods: Periods, user: pl.Series, days: pl.DataFrame) -> pl.DataFrame:
    """`user, period, revenue, refunds, orders, net`, i64, one row for each user and period with a payment or a refund.

    `days`: user-days with `day` and `PAYMENTS`; `user`: the number of the user of each.
    """
    rows = (
        days.select("day", *PAYMENTS)
        .with_columns(user=user)
        .filter((pl.col("revenue") > 0) | (pl.col("refunds") > 0))
    )
    number = rows["day"].to_physical().cast(pl.Int64).to_numpy()
    placed = rows.with_columns(period=pl.Series(periods.index_of(number), dtype=pl.Int64))
    summed = placed.group_by("user", "period").agg(pl.col(PAYMENTS).sum())
    return summed.with_columns(net=pl.col("revenue") - pl.col("refunds")).sort("user", "period")


def money_totals(periods: Periods, members: Members, paid: pl.DataFrame) -> Totals:
    """`revenue, refunds, orders, net, buyers`. `paid`: as of `paid_by_period`."""
    rows = paid.with_columns(buyers=(pl.col("orders") > 0).cast(pl.Int64))
    return members.summed(rows, (*PAYMENTS, "net", "buyers"), len(periods))


def payers(members: Members, paid: pl.DataFrame) -> pl.DataFrame:
    """`period, group, revenue` of each buyer of each period."""
    group = pl.Series("group", members.group).gather(paid["user"])
    return paid.with_columns(group=group).filter(pl.col("revenue") > 0).select("period", "group", "revenue")


def revenue_movements(periods: Periods, members: Members, paid: pl.DataFrame, at_end: Flags) -> Totals:
    """`mrr_start, mrr_end` and `MOVEMENTS` of the net revenue of a period, for logs without subscriptions.

    `at_end`: (users, periods) whether a user is a customer at the end of a period. A fall is Churn where the user no
    longer is one, else Contraction. A rise from nothing is New with a user's first payment, else Reactivation.
    `subscribers`: users with net revenue in the period before.
    """
    count = len(periods)
    own = paid.select("user", "period", after="net")
    earlier = own.select("user", pl.col("period") + 1, before="after").filter(pl.col("period") < count)
    rows = own.join(earlier, on=["user", "period"], how="full", coalesce=True).with_columns(
        pl.col("before", "after").fill_null(0)
    )
    first = paid.filter(pl.col("orders") > 0).group_by("user").agg(first=pl.col("period").min())
    rows = rows.join(first, on="user", how="left")
    here = pl.Series(at_end[rows["user"].to_numpy(), rows["period"].to_numpy()], dtype=pl.Boolean)
    delta, before = pl.col("after") - pl.col("before"), pl.col("before")
    kinds = {
        "mrr_new": (delta > 0) & (before <= 0) & pl.col("first").eq_missing(pl.col("period")),
        "mrr_reactivation": (delta > 0) & (before <= 0) & pl.col("first").ne_missing(pl.col("period")),
        "mrr_expansion": (delta > 0) & (before > 0),
        "mrr_contraction": (delta < 0) & here,
        "mrr_churn": (delta < 0) & ~here,
    }
    split = rows.with_columns(
        *(pl.when(kinds[name]).then(delta).otherwise(0).alias(name) for name in MOVEMENTS),
        mrr_start=before,
        mrr_end="after",
        subscribers=(before > 0).cast(pl.Int64),
    )
    return members.summed(split, (*MOVEMENTS, "mrr_start", "mrr_end", "subscribers"), count)


def top_share(rows: pl.DataFrame, draws: Draws, periods: int) -> tuple[Floats, Floats]:
    """The share of revenue that the top 8 % of the buyers pay: (periods,), and (resamplings, periods).

    `rows`: as of `payers`. The number of top buyers is rounded up. NaN without buyers.
    """
    values = np.full(periods, np.nan)
    drawn = np.full((len(draws.times), periods), np.nan)
    for (period,), part in rows.sort("revenue", descending=True).partition_by("period", as_dict=True).items():
        revenue, group = part["revenue"].to_numpy().astype(np.float64), part["group"].to_numpy()
        values[period] = _top(revenue, np.ones(len(revenue)))
        for turn, times in enumerate(draws.times):
            drawn[turn, period] = _top(revenue, times[group].astype(np.float64))
    return values, drawn


def _top(revenue: Floats, weight: Floats) -> float:
    """`revenue`: falling; `weight`: how often each buyer counts."""
    buyers, paid = np.cumsum(weight), np.cumsum(weight * revenue)
    if not len(buyers) or paid[-1] <= 0:
        return np.nan
    most = np.ceil(np.round(TOP_SHARE * buyers[-1], 9))
    return float(np.interp(most, np.append(0.0, buyers), np.append(0.0, paid)) / paid[-1])


def spread(amounts: Ints, whole_days: Ints, days_within: Ints) -> Ints:
    """The part of each amount that falls on `days_within` of its `whole_days`, in whole minor units."""
    return np.round(amounts * (days_within / whole_days)).astype(np.int64)
