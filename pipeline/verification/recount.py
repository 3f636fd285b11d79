"""A plain recount of features from the raw events of some users, without the engine that makes the rows.

It groups the events by day, joins each row with its user's days, and adds up those within the window. What it
cannot count this way is left out: external values, activity of the service, regular and new counterparts, streaks.
Promise: nothing of `features.aggregation` is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from features.contract.model import Contract
from features.define import Feature
from features.events.received import OWN, RECEIVED, ROLE
from features.external.exchange_rates import RateTable
from features.external.money import in_reporting
from features.names import group_measure, kind_measures, meaning_measure
from features.totals import Total, totals_of

_PAUSE_ENDS_SESSION = 1800
_SUMMED = {
    "events",
    "seconds",
    "sessions",
    "contacts",
    "counterparts",
    "answers",
    "logins",
    "gap_days",
    "received",
}
_OF_MONEY = {"revenue", "refunds", "orders"}
_LAST_KNOWN = {"level", "score", "subscription", "open_complaints", "complaint_waits", "answer_hours"}


@dataclass(frozen=True, slots=True)
class PlainLog:
    """What a recount needs to know of the log, beside events. `last`: no later day is read."""

    contract: Contract
    tells: frozenset[str]
    first: date
    last: date
    rates: RateTable

    @property
    def counted(self) -> dict[str, tuple[str, ...]]:
        """By measure the kinds of event that it counts."""
        groups, meaning = self.contract.groups, self.contract.meaning.kinds
        return {
            **{group_measure(group): tuple(kinds) for group, kinds in groups.items()},
            **{name: (kind,) for kind, name in kind_measures(groups).items()},
            **{meaning_measure(name): tuple(kinds) for name, kinds in meaning.items()},
        }

    def can_count(self, feature: Feature) -> bool:
        """Whether each total of the feature can be counted plainly."""
        totals = totals_of(feature.value)
        return bool(totals) and feature.dimension != "silence" and all(self._can(total) for total in totals)

    def _can(self, total: Total) -> bool:
        if total.window == "known":
            return total.measure in _LAST_KNOWN
        summed = total.source in _SUMMED | _OF_MONEY or total.source in self.counted
        return total.window != "external" and summed


def plain_days(events: pl.DataFrame, log: PlainLog) -> pl.DataFrame:
    """`user_id, day`, measures and states of each day with events. `events`: canonical, of whole users."""
    dated = events.with_columns(log.contract.day_of(pl.col("at")).alias("day")).filter(
        pl.col("day").is_between(log.first, log.last)
    )
    own = dated.filter(pl.col(ROLE) == OWN) if ROLE in dated.columns else dated
    by_user = own.sort("user_id", "at", maintain_order=True)
    pause = pl.col("at").diff().dt.total_seconds().over("user_id", "day")
    paused = _with_money(by_user.with_columns(pause=pause), log)
    kinds = {name: pl.col("kind").is_in(list(kinds)).sum() for name, kinds in log.counted.items()}
    days = paused.group_by("user_id", "day").agg(
        events=pl.len(), **_of_columns(paused.columns, log.tells), **kinds, qualifying=_qualifying(log)
    )
    if ROLE in dated.columns:
        got = dated.filter(pl.col(ROLE) == RECEIVED).group_by("user_id", "day").agg(received=pl.len())
        days = days.join(got, on=["user_id", "day"], how="full", coalesce=True)
    days = days.join(_requests(by_user, log), on=["user_id", "day"], how="left")
    return _with_logins(days, log).sort("user_id", "day")


def recounted(
    features: Sequence[Feature], days: pl.DataFrame, rows: pl.DataFrame, log: PlainLog
) -> pl.DataFrame:
    """`user_id` and each of `features` that can be counted, at the end of the day that it is told of.

    `days`: of `plain_days`. `rows`: `user_id, as_of, last_login_day`, one per user. A feature that moves is of `as_of`,
    any other of the last login day.
    """
    made = rows.select("user_id")
    for moves, day in ((True, "as_of"), (False, "last_login_day")):
        of_day = [feature for feature in features if feature.moves == moves and log.can_count(feature)]
        if of_day:
            made = made.join(_at(of_day, days, rows.select("user_id", at=day)), on="user_id", how="left")
    return made


def _at(features: Sequence[Feature], days: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`user_id` and `features` at the end of the day `at` of each of `rows`."""
    totals = sorted({total for one in features for total in totals_of(one.value)}, key=lambda one: one.column)
    known = (
        rows.join(days, on="user_id", how="left").filter(pl.col("day") <= pl.col("at")).sort("user_id", "day")
    )
    logged_in = pl.col("logins") == 1
    earlier = pl.col("day").filter(logged_in & (pl.col("day") < pl.col("at"))).max()
    known = known.with_columns(earlier.over("user_id").alias("earlier_login"))
    counted = known.group_by("user_id").agg(_total(total).alias(total.column) for total in totals)
    whole = rows.with_columns(day="at").join(counted, on="user_id", how="left")
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


def _of_columns(columns: Sequence[str], tells: frozenset[str]) -> dict[str, pl.Expr]:
    """The measures and states of a day that come from other columns than the kind."""
    pause = pl.col("pause")
    made = {"seconds": pause.filter(pause <= _PAUSE_ENDS_SESSION).sum()}
    if "session" in tells:
        made["sessions"] = pl.col("session").drop_nulls().n_unique()
    else:
        made["sessions"] = 1 + (pause > _PAUSE_ENDS_SESSION).sum()
    if "cents" in columns:
        cents = pl.col("cents")
        made["revenue"], made["refunds"] = cents.filter(cents > 0).sum(), -cents.filter(cents < 0).sum()
        made["orders"] = pl.col("at").filter(cents > 0).n_unique()
    if "counterpart" in columns:
        counterpart = pl.col("counterpart").drop_nulls()
        made["contacts"], made["counterparts"] = counterpart.len(), counterpart.n_unique()
    if "score" in columns:
        made["answers"], made["score"] = pl.col("score").count(), pl.col("score").drop_nulls().last()
    if "level" in columns:
        made["level"] = pl.col("level").max()
    return {name: value if name in _LAST_KNOWN else value.cast(pl.Int64) for name, value in made.items()}


def _qualifying(log: PlainLog) -> pl.Expr:
    """The number of a day's events that count as presence."""
    kinds = log.contract.presence.kinds
    return pl.len() if kinds is None else pl.col("kind").is_in(list(kinds)).sum()


def _with_money(own: pl.DataFrame, log: PlainLog) -> pl.DataFrame:
    """The events with `cents` of the reporting currency; null without an amount or a rate."""
    if "amount" not in log.tells:
        return own
    ends = own.with_columns(log.contract.day_end(pl.col("day")).alias("day_end"))
    rates = log.rates
    money = in_reporting(
        ends, rates.rates, log.contract.currency, base=rates.base, max_age_days=rates.max_age_days
    )
    return money.rename({"amount_minor": "cents"})


def _with_logins(days: pl.DataFrame, log: PlainLog) -> pl.DataFrame:
    """The days with `logins`, 1 or 0, and `gap_days`, the days since the login before."""
    presence = log.contract.presence
    came = pl.col("qualifying") >= presence.least_events
    if presence.least_minutes > 0:
        came &= pl.col("seconds") >= round(presence.least_minutes * 60)
    states = [name for name in days.columns if name in _LAST_KNOWN]
    filled = days.with_columns(pl.exclude("user_id", "day", *states).fill_null(0))
    marked = filled.with_columns(logins=came.cast(pl.Int64)).sort("user_id", "day")
    gaps = marked.filter(pl.col("logins") == 1).select(
        "user_id", "day", gap_days=pl.col("day").diff().dt.total_days().over("user_id")
    )
    joined = marked.join(gaps, on=["user_id", "day"], how="left")
    return joined.with_columns(pl.col("gap_days").fill_null(0))


def _requests(own: pl.DataFrame, log: PlainLog) -> pl.DataFrame:
    """`user_id, day` and the states that requests and subscriptions leave at the end of each day with one of either.

    The events are read one after another, as a person would. An answer closes one open request, if there is one.
    """
    meaning = log.contract.meaning.kinds
    asks, answers = set(meaning.get("complaint", ())), set(meaning.get("answer", ()))
    starts, stops = set(meaning.get("subscription_start", ())), set(meaning.get("subscription_end", ()))
    asks, answers = (asks, answers) if asks and answers else (set(), set())
    starts, stops = (starts, stops) if starts and stops else (set(), set())
    told = own.filter(pl.col("kind").is_in([*asks, *answers, *starts, *stops])).select(
        "user_id", "day", "at", "kind"
    )
    states: dict[tuple[str, date], dict[str, float]] = {}
    user, open_ones, asked_at = None, 0, None
    for user_id, day, at, kind in told.iter_rows():
        if user_id != user:
            user, open_ones, asked_at = user_id, 0, None
        of_day = states.setdefault((user_id, day), {})
        if kind in asks:
            open_ones, asked_at = open_ones + 1, at
        elif kind in answers:
            open_ones = max(0, open_ones - 1)
            if asked_at is not None:
                of_day["answer_hours"] = int((at - asked_at).total_seconds()) / 3600
            asked_at = None
        if kind in asks | answers:
            of_day |= {"open_complaints": open_ones, "complaint_waits": float(kind in asks)}
        if kind in starts | stops:
            of_day["subscription"] = float(kind in starts)
    rows = [{"user_id": user_id, "day": day, **of_day} for (user_id, day), of_day in states.items()]
    named = ("open_complaints", "complaint_waits", "answer_hours", "subscription")
    return pl.DataFrame(
        rows, schema={"user_id": pl.String, "day": pl.Date, **dict.fromkeys(named, pl.Float64)}
    )
