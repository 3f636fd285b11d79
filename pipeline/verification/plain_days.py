"""Raw events of some users as plain days, made without the engine of the pipeline's user-days.

Promise: nothing of `features.aggregation` is used, and no day after the last one is read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from features.contract.model import Contract
from features.events.received import OWN, RECEIVED, ROLE
from features.external.exchange_rates import RateTable
from features.external.money import in_reporting
from features.names import group_measure, kind_measures, last_state, meaning_measure
from pipeline.verification.plain_quantities import measures_of_quantity, quantities_of_day, with_rises

SUMMED = frozenset(
    {
        "events", "seconds", "sessions", "contacts", "counterparts", "answers", "received", "level_gain",
        "revenue", "refunds", "orders",
        "logins", "gap_days", "gap_days_squared", "streak_days", "weekend_logins", "weekday_sin", "weekday_cos",
    }
)  # fmt: skip
"""Measures of a day, beside those that count kinds of event."""
LAST_KNOWN = frozenset(
    {
        "level", "score", "paid_until", "subscription", "open_complaints", "complaint_waits", "answer_hours",
        "logins_since_goal", "failures_since_goal",
    }
)  # fmt: skip
"""States at the end of a day."""
_PAUSE_ENDS_SESSION = 1800


@dataclass(frozen=True, slots=True)
class PlainLog:
    """What is to be known of the log, beside its events. `last`: no later day is read."""

    contract: Contract
    tells: frozenset[str]
    first: date
    last: date
    rates: RateTable

    @property
    def summed(self) -> frozenset[str]:
        """The measures of a day that add up."""
        return SUMMED.union(*map(measures_of_quantity, self.contract.quantities.items()))

    @property
    def last_known(self) -> frozenset[str]:
        """The states at the end of a day."""
        return LAST_KNOWN.union(map(last_state, self.contract.quantities))

    @property
    def counted(self) -> dict[str, tuple[str, ...]]:
        """By measure the kinds of event that it counts."""
        groups, meaning = self.contract.groups, self.contract.meaning.kinds
        return {
            **{group_measure(group): tuple(kinds) for group, kinds in groups.items()},
            **{name: (kind,) for kind, name in kind_measures(groups).items()},
            **{meaning_measure(name): tuple(kinds) for name, kinds in meaning.items()},
        }


@dataclass(frozen=True, slots=True)
class PlainDays:
    """`days`: `user_id, day`, measures and states, one row per day with events. `met`: the days of each pair."""

    days: pl.DataFrame
    met: pl.DataFrame


def plain_days(events: pl.DataFrame, log: PlainLog) -> PlainDays:
    """The days of the users of `events` (canonical, of whole users)."""
    dated = events.with_columns(log.contract.day_of(pl.col("at")).alias("day")).filter(
        pl.col("day").is_between(log.first, log.last)
    )
    return PlainDays(_measured(dated, log), _meetings(dated))


def _meetings(dated: pl.DataFrame) -> pl.DataFrame:
    """`user_id, counterpart, day`, each once, of contacts in either direction."""
    if "counterpart" not in dated.columns:
        return pl.DataFrame(schema={"user_id": pl.String, "counterpart": pl.String, "day": pl.Date})
    with_others = dated.filter(pl.col("counterpart") != pl.col("user_id"))
    return with_others.select("user_id", "counterpart", "day").unique()


def _measured(dated: pl.DataFrame, log: PlainLog) -> pl.DataFrame:
    own = dated.filter(pl.col(ROLE) == OWN) if ROLE in dated.columns else dated
    by_user = own.sort("user_id", "at", maintain_order=True)
    pause = pl.col("at").diff().dt.total_seconds().over("user_id", "day")
    paused = _with_money(by_user.with_columns(pause=pause), log)
    kinds = {name: pl.col("kind").is_in(list(kinds)).sum() for name, kinds in log.counted.items()}
    days = paused.group_by("user_id", "day").agg(
        events=pl.len(),
        **_of_columns(paused.columns, log.tells),
        **quantities_of_day(paused.columns, log.contract.quantities),
        **kinds,
        qualifying=_qualifying(log),
    )
    if ROLE in dated.columns:
        got = dated.filter(pl.col(ROLE) == RECEIVED).group_by("user_id", "day").agg(received=pl.len())
        days = days.join(got, on=["user_id", "day"], how="full", coalesce=True)
    days = days.join(_requests(by_user, log), on=["user_id", "day"], how="left")
    whole = _with_level_gain(_with_logins(days, log).sort("user_id", "day"))
    return _with_runs(with_rises(whole, log.contract.quantities))


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
    if "paid_until" in columns:
        made["paid_until"] = pl.col("paid_until").drop_nulls().last()
    if "level" in columns:
        made["level"] = pl.col("level").max()
    return {name: value if name in LAST_KNOWN else value.cast(pl.Int64) for name, value in made.items()}


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
    states = [name for name in days.columns if name in log.last_known]
    filled = days.with_columns(pl.exclude("user_id", "day", *states).fill_null(0))
    marked = filled.with_columns(logins=came.cast(pl.Int64)).sort("user_id", "day")
    logins = _of_calendar(marked.filter(pl.col("logins") == 1).select("user_id", "day"))
    joined = marked.join(logins, on=["user_id", "day"], how="left")
    return joined.with_columns(pl.col(logins.columns[2:]).fill_null(0))


def _of_calendar(logins: pl.DataFrame) -> pl.DataFrame:
    """The login days, in order, with the days since the login before, and what the calendar tells of them."""
    gap = pl.col("day").diff().dt.total_days().over("user_id")
    gaps = logins.with_columns(
        gap_days=gap.fill_null(0), run=(gap.fill_null(0) != 1).cum_sum().over("user_id")
    )
    angle = pl.col("day").dt.weekday() * (2 * math.pi / 7)
    return gaps.with_columns(
        gap_days_squared=pl.col("gap_days") ** 2,
        streak_days=pl.int_range(1, pl.len() + 1).over("user_id", "run"),
        weekend_logins=(pl.col("day").dt.weekday() >= 6).cast(pl.Int64),
        weekday_sin=(angle.sin() * 1000).round().cast(pl.Int64),
        weekday_cos=(angle.cos() * 1000).round().cast(pl.Int64),
    ).drop("run")


def _with_level_gain(days: pl.DataFrame) -> pl.DataFrame:
    """The days (sorted) with `level_gain`, the rise of the level since the last day that told one."""
    if "level" not in days.columns:
        return days
    told = days.filter(pl.col("level").is_not_null()).select(
        "user_id", "day", level_gain=pl.col("level").diff().clip(lower_bound=0).over("user_id")
    )
    joined = days.join(told, on=["user_id", "day"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("level_gain").fill_null(0).round().cast(pl.Int64))


def _with_runs(days: pl.DataFrame) -> pl.DataFrame:
    """The days (sorted) with the login days and failures after the last day with a goal, read one after another."""
    goal, failure = meaning_measure("goal"), meaning_measure("failure")
    if goal not in days.columns:
        return days
    runs: list[tuple[int, int]] = []
    user, came, failed = None, 0, 0
    no_failures = pl.lit(0).alias(failure)
    read = days.select("user_id", "logins", goal, failure if failure in days.columns else no_failures)
    for user_id, login, goals, failures in read.iter_rows():
        if user_id != user:
            user, came, failed = user_id, 0, 0
        came, failed = (0, 0) if goals else (came + login, failed + failures)
        runs.append((came, failed))
    named = ["logins_since_goal", "failures_since_goal"]
    return days.hstack(pl.DataFrame(runs, schema=dict.fromkeys(named, pl.Int64), orient="row"))


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
            same_instant = at == of_day.pop("marked_at", None) and of_day.get("subscription") == 1
            of_day |= {"subscription": float(kind in starts or same_instant), "marked_at": at}
    rows = [{"user_id": user_id, "day": day, **of_day} for (user_id, day), of_day in states.items()]
    named = ("open_complaints", "complaint_waits", "answer_hours", "subscription")
    return pl.DataFrame(
        rows, schema={"user_id": pl.String, "day": pl.Date, **dict.fromkeys(named, pl.Float64)}
    )
