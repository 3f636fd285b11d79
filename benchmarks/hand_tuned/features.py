"""The demo log's features as expressions over running totals: the second half of `benchmarks.hand_tuned.login_rows`.

`@run` is a running total over the whole bucket, `@until` the same without the row's day, `first@30` the
row with which the window of 30 days begins. Everything is f32 from here on; missing is NaN.
"""

from collections.abc import Iterator
from math import nan

import polars as pl

from benchmarks.hand_tuned.external import CURRENCY_WINDOWS

KINDS = (
    "login", "quest_started", "quest_done", "quest_failed", "level_up", "area_found", "item_crafted", "chat",
    "friend_added", "gift_sent", "match_played", "match_won", "purchase", "subscription_paid", "refund",
    "ticket_opened", "ticket_answered", "nps_answer",
)  # fmt: skip
GROUPS = {
    "progress_events": ("quest_started", "quest_done", "quest_failed", "level_up"),
    "explore_events": ("area_found", "item_crafted"),
    "social_events": ("chat", "friend_added", "gift_sent"),
    "compete_events": ("match_played", "match_won"),
    "trade_events": ("purchase", "subscription_paid", "refund"),
    "support_events": ("ticket_opened", "ticket_answered"),
}
_RENEWAL_DAYS = 30
WINDOWS = (3, 7, 14, 28, 30, 60, 90)
_KINDS = tuple(f"kind_{kind}" for kind in KINDS)
_SINCE = (*_KINDS, "level_gain", "contacts", "orders", "support_events", "answers")

_GENERAL = {"events": ("events", 1), "seconds": ("minutes", 60), "sessions": ("sessions", 1)}
"""By measure its words, and the amount of one unit."""
_WINDOWED: dict[str, tuple[int, ...]] = {
    "logins": (3, 7, 14, 30, 60, 90),
    **dict.fromkeys(_GENERAL, (7, 14, 30, 90)),
    **dict.fromkeys(_KINDS, (7, 30)),
    **dict.fromkeys(GROUPS, (7,)),
    "progress_events": (7, 14, 28, 30),
    "social_events": (7, 14, 30),
    "support_events": (7, 30),
    "contacts": (7, 14, 28, 30),
    "contacts+": (30,),
    "counterparts": (30,),
    "gap_days": (90,),
    "gap_days+": (90,),
    "level_gain": (7, 30),
    "orders": (30, 90),
    "refunds": (90,),
    "revenue": (30, 60, 90),
}
_LIVES = (
    "logins", *_GENERAL, *_KINDS, *(f"{kind}+" for kind in _KINDS), "social_events", "orders", "revenue",
    "gap_days", "gap_days_squared", "weekend_logins", "weekday_sin", "weekday_cos", "clock_sin", "clock_cos",
)  # fmt: skip
_AS_THEY_ARE = (
    *_GENERAL, *_KINDS, "contacts", "orders", "revenue", "progress_events",
    "gap_days", "streak_days", "gap_days@most", "level@known", "score@known",
    "holiday", "days_to_holiday", "days_since_holiday",
    *(f"currency_price_change_{days}d" for days in CURRENCY_WINDOWS),
)  # fmt: skip
SUMMED = tuple(dict.fromkeys((*_WINDOWED, *_LIVES)))
"""The measures that need running totals."""
_DENOMINATORS = (
    "logins@life", "events", "seconds", "sessions", "orders", "logins@30", "events@30",
    "contacts@30", "contacts+@30", "orders@life", "gap_days+@90", "social_events@life",
    *(f"{measure}@{which}" for measure in _GENERAL for which in ("life", "previous")),
)  # fmt: skip
"""The divisors: NaN where zero, named with a slash before."""


def totals() -> Iterator[pl.Expr]:
    """The inputs of the features, as f32."""
    yield from (pl.col(name) for name in ("user_id", "day", "key", "logins", "weekday"))
    for measure, windows in _WINDOWED.items():
        for days in windows:
            yield _since_row(measure, f"first@{days}").alias(f"{measure}@{days}")
    for measure in _LIVES:
        yield _since_row(measure, "first@life").alias(f"{measure}@life")
    for measure in _SINCE:
        last = pl.when(pl.col(measure) > 0).then(pl.col("key")).otherwise(-1).cum_max()
        ago = pl.when(last >= pl.col("user_key")).then(pl.col("key") - last).otherwise(nan)
        yield ago.cast(pl.Float32).alias(f"{measure}@since")
    for measure in (*_GENERAL, "gap_days"):
        former = pl.col(measure).gather(pl.col("former")).cast(pl.Float32)
        yield former.fill_null(nan).alias(f"{measure}@previous")
    for measure in _AS_THEY_ARE:
        yield pl.col(measure).cast(pl.Float32).fill_null(nan)
    yield (pl.col("row") - pl.col("first@life") + 1).cast(pl.Float32).alias("days@life")


def _since_row(measure: str, first: str) -> pl.Expr:
    return (pl.col(f"{measure}@run") - pl.col(f"{measure}@until").gather(pl.col(first))).cast(pl.Float32)


def denominators() -> Iterator[pl.Expr]:
    """The columns that are divisors."""
    for name in _DENOMINATORS:
        yield pl.when(pl.col(name) != 0).then(name).otherwise(nan).cast(pl.Float32).alias(f"/{name}")


def features() -> Iterator[pl.Expr]:
    """Every feature of the demo log."""
    yield from _rhythm()
    for measure in _GENERAL:
        yield from _intensity(measure)
    yield from _progress_and_social()
    yield from _spending()
    yield from _breadth()
    yield from _satisfaction_and_context()


def _per(part: str, whole: str) -> pl.Expr:
    return pl.col(part) / pl.col(f"/{whole}")


def _trend(measure: str, days: int) -> pl.Expr:
    before = pl.col(f"{measure}@{2 * days}") - pl.col(f"{measure}@{days}")
    return pl.when(before != 0).then(pl.col(f"{measure}@{days}") / before).otherwise(nan)


def _some(value: pl.Expr, condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(value).otherwise(nan)


def _rhythm() -> Iterator[pl.Expr]:
    logins, tenure = pl.col("logins@life"), pl.col("gap_days@life")
    mean = tenure / (logins - 1)
    gaps = pl.col("logins@life").cast(pl.Float64) - 1
    variance = pl.col("gap_days_squared@life").cast(pl.Float64) / gaps - (tenure.cast(pl.Float64) / gaps) ** 2
    yield logins.alias("logins_life")
    yield tenure.alias("tenure_days")
    for days in (3, 7, 14, 30, 60, 90):
        yield pl.col(f"logins@{days}").alias(f"login_days_{days}d")
    yield (pl.col("logins@30") / (tenure + 1).clip(upper_bound=30)).alias("login_share_30d")
    expected = logins * 7 / (tenure + 1).clip(lower_bound=7)
    yield (pl.col("logins@7") / expected).alias("login_days_7d_to_usual")
    yield _trend("logins", 7).alias("login_trend_7d")
    yield _some(pl.col("gap_days"), logins > 1).alias("gap_last_days")
    yield _some(pl.col("gap_days@previous"), logins > 2).alias("gap_before_last_days")
    yield mean.alias("gap_mean_days")
    yield _per("gap_days@90", "gap_days+@90").alias("gap_mean_90d")
    yield _some(variance.clip(lower_bound=0).sqrt(), logins > 1).alias("gap_spread_days")
    yield _some(pl.col("gap_days@most"), logins > 1).alias("gap_longest_days")
    yield _some(pl.col("gap_days") / mean, logins > 1).alias("gap_last_to_mean")
    yield pl.col("streak_days")
    yield _per("weekend_logins@life", "logins@life").alias("weekend_share")
    week = (pl.col("weekday_sin@life") ** 2 + pl.col("weekday_cos@life") ** 2).sqrt()
    yield (week / (pl.col("/logins@life") * 1000)).alias("weekday_regularity")
    clock = (pl.col("clock_sin@life") ** 2 + pl.col("clock_cos@life") ** 2).sqrt()
    yield (clock / (pl.col("days@life") * 1000)).alias("hour_regularity")


def _intensity(measure: str) -> Iterator[pl.Expr]:
    word, unit = _GENERAL[measure]
    usual = pl.col("/logins@life") / pl.col(f"/{measure}@life")
    per_day = _per(f"{measure}@30", "logins@30")
    yield (pl.col(measure) / unit).alias(f"{word}_today")
    yield _per(measure, f"{measure}@previous").alias(f"{word}_today_to_previous")
    yield (pl.col(measure) * usual).alias(f"{word}_today_to_usual")
    yield (per_day / unit).alias(f"{word}_per_login_day_30d")
    for days in (7, 30, 90):
        yield (pl.col(f"{measure}@{days}") / unit).alias(f"{word}_{days}d")
    yield (pl.col(f"{measure}@life") / unit).alias(f"{word}_life")
    yield _trend(measure, 7).alias(f"{word}_trend_7d")
    if measure == "events":
        yield (per_day * usual).alias("events_per_login_day_30d_to_usual")
    if measure == "seconds":
        seconds = pl.col("seconds@30")
        yield _some(pl.col("events@30") / (seconds / 60 + 1), seconds > 0).alias("events_per_minute_30d")


def _progress_and_social() -> Iterator[pl.Expr]:
    yield pl.col("level@known").alias("level")
    for days in (7, 30):
        yield pl.col(f"level_gain@{days}").alias(f"level_gain_{days}d")
        yield pl.col(f"contacts@{days}").alias(f"contacts_{days}d")
    yield pl.col("level_gain@since").alias("days_since_level_gain")
    hours = (pl.col("seconds@30") + 60) / 3600
    yield _some(pl.col("level_gain@30") / hours, pl.col("seconds@30") > 0).alias("level_gain_per_hour_30d")
    yield pl.col("kind_quest_done@30").alias("goals_30d")
    yield pl.col("kind_quest_done@since").alias("days_since_goal")
    yield _per("progress_events@30", "events@30").alias("progress_share_30d")
    yield pl.col("progress_events").alias("progress_today")
    yield _trend("progress_events", 14).alias("progress_trend_14d")
    yield pl.col("contacts").alias("contacts_today")
    yield _per("contacts+@30", "logins@30").alias("contact_days_share_30d")
    yield _per("counterparts@30", "contacts+@30").alias("counterparts_per_contact_day_30d")
    yield _trend("contacts", 14).alias("contacts_trend_14d")
    yield pl.col("contacts@since").alias("days_since_contact")
    yield _per("social_events@30", "events@30").alias("social_share_30d")
    usual = pl.col("events@life") / pl.col("/social_events@life")
    yield (pl.col("social_events@14") / pl.col("events@14") * usual).alias("social_share_to_usual")
    for days in (7, 30):
        yield pl.col(f"received@{days}").alias(f"received_{days}d")
    yield _per("received@30", "contacts@30").alias("received_to_made_30d")
    yield _trend("received", 14).alias("received_trend_14d")
    yield pl.col("received@since").alias("days_since_received")


def _spending() -> Iterator[pl.Expr]:
    mean = pl.col("revenue@life") / pl.col("/orders@life")
    yield (pl.col("revenue") / 100).alias("revenue_today")
    for days in (30, 90):
        yield (pl.col(f"revenue@{days}") / 100).alias(f"revenue_{days}d")
        yield pl.col(f"orders@{days}").alias(f"orders_{days}d")
    yield (pl.col("revenue@life") / 100).alias("revenue_life")
    yield _trend("revenue", 30).alias("revenue_trend_30d")
    yield (mean / 100).alias("order_mean")
    yield (_per("revenue", "orders") / mean).alias("order_today_to_mean")
    month = (pl.col("gap_days@life") + 1).clip(lower_bound=30) / 30
    yield (pl.col("orders@life") / month).alias("orders_per_30d")
    yield pl.col("orders@since").alias("days_since_order")
    paid = pl.col("kind_subscription_paid@since")
    running = paid < _RENEWAL_DAYS
    yield _some(running.cast(pl.Float32), paid.is_not_nan()).alias("subscription_running")
    yield _some(_RENEWAL_DAYS - paid, running).alias("days_to_renewal")
    yield _some(paid - _RENEWAL_DAYS, ~running).alias("days_since_subscription_end")
    yield (pl.col("refunds@90") / 100).alias("refunds_90d")
    minutes = (pl.col("seconds@90") / 60) / (pl.col("revenue@90") / 100)
    yield _some(minutes, pl.col("revenue@90") > 0).alias("minutes_per_money_90d")


def _count(conditions: Iterator[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal(condition.cast(pl.UInt8) for condition in conditions)


def _breadth() -> Iterator[pl.Expr]:
    groups = ("kind_login", *GROUPS, "kind_nps_answer")
    for days in (7, 30):
        yield _count(pl.col(f"{kind}@{days}") > 0 for kind in _KINDS).alias(f"kinds_used_{days}d")
    new = _count((pl.col(kind) > 0) & (pl.col(f"{kind}@life") == pl.col(kind)) for kind in _KINDS)
    yield new.alias("kinds_new_today")
    known = pl.sum_horizontal(pl.col(f"{kind}@30") for kind in _KINDS)
    squares = pl.sum_horizontal(pl.col(f"{kind}@30") * pl.col(f"{kind}@30") for kind in _KINDS)
    yield (squares / (known * known)).alias("concentration_30d")
    for kind in _KINDS:
        yield _per(f"{kind}@30", "events@30").alias(f"share_of_{kind}_30d")
        yield pl.col(f"{kind}@since").alias(f"days_since_{kind}")
        yield _per(f"{kind}+@life", "logins@life").alias(f"days_with_{kind}_share")
    yield _count(pl.col(f"{group}@7") > 0 for group in groups).alias("groups_used_7d")


def _satisfaction_and_context() -> Iterator[pl.Expr]:
    score = pl.col("score@known")
    group = (score >= 9).cast(pl.Int8) - (score <= 6).cast(pl.Int8)
    yield score.alias("score_last")
    yield _some(group.cast(pl.Float32), score.is_not_nan()).alias("score_group")
    yield pl.col("answers@since").alias("days_since_score")
    yield pl.col("support_events@30").alias("support_30d")
    yield pl.col("support_events@since").alias("days_since_support")
    for name in ("weekday", "holiday", "days_to_holiday", "days_since_holiday"):
        yield pl.col(name)
    for days in CURRENCY_WINDOWS:
        yield pl.col(f"currency_price_change_{days}d")
