"""A user's payments, in the reporting currency at the rate of the payment's day."""

import math

import polars as pl

from features.aggregation.measures import HALF_LIVES, RECENTLY
from features.contract.sources import Sources
from features.define import (
    LONG_WINDOWS,
    Cause,
    Feature,
    before,
    decayed,
    last_known,
    life,
    login_day,
    past,
    ratio,
    since,
    today,
)

_MINOR = 100
_MEAN_ORDER = ratio(life("revenue"), life("orders"))
_MONEY_UNIT = "reporting currency"
_RENEW = "renew the subscription"
_NO_CURRENCY = "XXX"  # ISO 4217: no currency; a log without amounts has none of these features
_DUE_DAYS = 7.0  # a subscription that is due later says nothing about leaving


def spending(sources: Sources) -> tuple[Feature, ...]:
    """The features of a log: sums are told in its currency.

    Where every visit is a payment, what counts payments counts visits: who pays less often comes less often.
    """
    ends = "subscription_end" in sources.meaning
    often: Cause = "COMES_LESS" if sources.visits_are_payments else "PAYS_LESS"
    currency = sources.currency or _NO_CURRENCY
    return (
        *_sums(currency, often), *_orders(currency, often), *_exchange(currency),
        *_subscription(sources.renewal_days, log_tells_ends=ends, log_tells_days="paid_until" in sources.tells),
    )  # fmt: skip


def _subscription(
    renewal_days: int | None, *, log_tells_ends: bool, log_tells_days: bool
) -> tuple[Feature, ...]:
    """A subscription runs to the last day that is paid for, as the log tells it (`log_tells_days`).

    Otherwise it runs until the log has its end (`log_tells_ends`), or until renewal is due and does not come.
    """
    elapsed = since("subscription_start_marks")
    renews = frozenset({"meaning:renewal_days"})
    left = (renewal_days or 0) - elapsed
    if log_tells_days:
        left = last_known("paid_until") - login_day().cast(pl.Int32)
        running, ended, needs = (left >= 0).cast(pl.Int32), -left, frozenset({"paid_until"})
        renews = needs
    elif log_tells_ends or renewal_days is None:
        running, ended, needs = last_known("subscription"), since("subscription_end_marks"), frozenset[str]()
    else:
        running, ended, needs = (elapsed < renewal_days).cast(pl.Int32), elapsed - renewal_days, renews
    return (
        Feature(
            name="subscription_running",
            value=running,
            dimension="spending",
            form="flag",
            worse="low",
            cause="SUBSCRIPTION_LAPSES",
            unit="0 or 1",
            moves=True,
            says="has a running subscription",
            says_not="the subscription has ended",
            says_missing="has never subscribed",
            actionable=True,
            goal=_RENEW,
            goal_value=1.0,
            needs=needs,
        ),
        Feature(
            name="days_to_renewal",
            value=pl.when(running == 1).then(left),
            dimension="spending",
            form="days_to",
            worse="low",
            cause="SUBSCRIPTION_LAPSES",
            unit="days, negative when overdue",
            moves=True,
            says="renewal of the subscription due in {value:.0f} days",
            says_missing="has no running subscription",
            actionable=True,
            goal=_RENEW,
            goal_value=None if renewal_days is None else float(renewal_days),
            stands_out_below=_DUE_DAYS,
            needs=renews,
        ),
        Feature(
            name="days_since_subscription_end",
            value=pl.when(running == 0).then(ended),
            dimension="spending",
            form="days_since",
            worse="high",
            cause="SUBSCRIPTION_LAPSES",
            unit="days",
            moves=True,
            says="the subscription ended {value:.0f} days ago",
            says_missing="has a running subscription, or never had one",
            actionable=True,
            goal=_RENEW,
            goal_value=math.nan,
            needs=needs,
        ),
    )


def _sums(currency: str, often: Cause) -> tuple[Feature, ...]:
    """What a user pays over time. `often`: the cause of payments that are few."""
    goal = "spend {more:|} {when}" if often == "PAYS_LESS" else ""  # visits are asked for by their number
    return (
        Feature(
            name="revenue_today",
            value=today("revenue") / _MINOR,
            dimension="spending",
            form="money",
            worse="low",
            cause="PAYS_LESS",
            unit=_MONEY_UNIT,
            says=f"paid {{value:{currency}}} on the login day, usually {{own:{currency}}}",
            says_zero="paid nothing on the login day",
            actionable=True,
        ),
        *(
            Feature(
                name=f"revenue_{days}d",
                value=past("revenue", days) / _MINOR,
                dimension="spending",
                form="money",
                worse="low",
                cause=often,
                unit=_MONEY_UNIT,
                says=f"paid {{value:{currency}}} in the last {days} days, usually {{own:{currency}}}",
                says_zero=f"paid nothing in the last {days} days",
                actionable=True,
                goal="" if days in LONG_WINDOWS else goal,
                speaks=days not in LONG_WINDOWS,
            )
            for days in (30, 90, *LONG_WINDOWS)
        ),
        *(
            Feature(
                name=f"revenue_decayed_{days}d",
                value=decayed("revenue", days) / _MINOR,
                dimension="spending",
                form="money",
                worse="low",
                cause="PAYS_LESS",
                unit=_MONEY_UNIT,
                says=f"{RECENTLY[days]} paid {{value:{currency}}} on a visit",
                speaks=False,
            )
            for days in HALF_LIVES
        ),
        Feature(
            name="revenue_life",
            value=life("revenue") / _MINOR,
            dimension="spending",
            form="money",
            worse="low",
            cause="PAYS_LESS",
            unit=_MONEY_UNIT,
            says=f"paid {{value:{currency}}} in all",
            says_zero="has not paid yet",
        ),
        Feature(
            name="revenue_trend_30d",
            value=ratio(past("revenue", 30), before("revenue", 30)),
            dimension="spending",
            form="ratio",
            worse="low",
            cause=often,
            unit="ratio",
            says="paid {value:more|less} in the last 30 days than in the 30 days before",
            says_zero="paid nothing in the last 30 days, but something in the 30 days before",
            says_missing="paid nothing in the month before the last 30 days",
        ),
    )


def _orders(currency: str, often: Cause) -> tuple[Feature, ...]:
    """How often a user pays, and how much at a time. `often`: the cause of payments that are few."""
    speaks = often == "PAYS_LESS"  # elsewhere each payment is a visit, and the features of rhythm count those
    return (
        *(
            Feature(
                name=f"orders_{days}d",
                value=past("orders", days),
                dimension="spending",
                form="count",
                worse="low",
                cause=often,
                unit="orders",
                says=f"{{value:.0f}} payments in the last {days} days, usually {{own:.1f}}",
                actionable=True,
                goal="make {more:payment|payments} {when}",
                speaks=speaks,
            )
            for days in (30, 90)
        ),
        Feature(
            name="order_mean",
            value=_MEAN_ORDER / _MINOR,
            dimension="spending",
            form="money",
            worse="low",
            cause="PAYS_LESS",
            unit=f"{_MONEY_UNIT} per order",
            says=f"pays {{value:{currency}}} at a time on average",
            says_missing="has not paid yet",
        ),
        Feature(
            name="order_today_to_mean",
            value=ratio(ratio(today("revenue"), today("orders")), _MEAN_ORDER),
            dimension="spending",
            form="ratio",
            worse="low",
            cause="PAYS_LESS",
            unit="ratio",
            says="the payment on the login day was {value:larger|smaller} than the average one",
            says_missing="paid nothing on the login day",
        ),
        Feature(
            name="orders_per_30d",
            value=life("orders") * 30 / pl.max_horizontal(life("gap_days") + 1, pl.lit(30)),
            dimension="spending",
            form="rate",
            worse="low",
            cause=often,
            unit="orders per 30 days",
            says="has paid {value:once in} on average",
            says_zero="has not paid yet",
            speaks=speaks,
        ),
        Feature(
            name="days_since_order",
            value=since("orders"),
            dimension="spending",
            form="days_since",
            worse="high",
            cause=often,
            unit="days",
            says="last paid {value:.0f} days before the login, usually {own:.1f} days before",
            says_missing="has not paid yet",
            actionable=True,
            goal="pay for something{again}",
            speaks=speaks,
        ),
    )


def _exchange(currency: str) -> tuple[Feature, ...]:
    """What a user got back, and what the user gets for the money."""
    return (
        Feature(
            name="refunds_90d",
            value=past("refunds", 90) / _MINOR,
            dimension="spending",
            form="money",
            worse="high",
            cause="REFUNDED",
            unit=_MONEY_UNIT,
            says=f"received refunds of {{value:{currency}}} in the last 90 days",
            says_zero="received no refund in the last 90 days",
            actionable=True,
        ),
        Feature(
            name="minutes_per_money_90d",
            value=pl.when(past("revenue", 90) > 0).then(
                (past("seconds", 90) / 60) / (past("revenue", 90) / _MINOR)
            ),
            dimension="spending",
            form="rate",
            worse="high",
            cause="PAYS_LESS",
            unit="minutes per unit of money",
            says=f"{{value:.1f}} minutes of use for each {currency} paid in the last 90 days, usually {{own:.1f}}",
            says_missing="paid nothing in the last 90 days",
        ),
    )
