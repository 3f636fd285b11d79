"""What users did up to the list's day, in the facts that the lists for import need.

Promise: memory holds two buckets of user-days and one row per user. No day after the list's day is looked at.
"""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.names import kind_measures, words_of
from models.labels.under_contract import END_MARKS, START_MARKS, STATE, under_contract
from pipeline.crm.lists.facts.purpose import purposes
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import buckets_in, columns_of, read_bucket

RECENT_DAYS = 30
"""The days that end with the list's day, over which use is counted."""
SCHEMA = {
    "user_id": pl.String, "first_day": pl.Date, "score_last": pl.Float64, "score_on": pl.Date,
    "request_open": pl.Boolean, "request_since": pl.Date, "goal_on": pl.Date, "goal": pl.String, "level": pl.Float64,
    "level_on": pl.Date, "bought_on": pl.Date, "use_30d": pl.Float64, "active_days_30d": pl.Int64,
    "kinds_30d": pl.Int64, "kinds_share_30d": pl.Float64, "regular_contacts": pl.Int64,
    "subscription_ended_on": pl.Date, "limit_used": pl.Float64,
}  # fmt: skip
"""The facts of one user; null where the log does not tell one."""
_STATES = ("score", "open_complaints", "level", STATE)
_RUNS = "subscription runs"
_MEASURES = (
    "events", "seconds", "logins", "level_gain", "orders", "refunds", "regular_counterparts", "ceased_counterparts",
)  # fmt: skip


def user_facts(activity: Path, contract: Contract, as_of: date) -> pl.DataFrame:
    """`SCHEMA` for each user of the user-days in the folder `activity`, by user id."""
    there = set(columns_of(activity))
    wanted = (*_STATES, *_MEASURES, START_MARKS, END_MARKS, *kind_measures(contract.groups).values())
    columns = ["user_id", "day", *(name for name in dict.fromkeys(wanted) if name in there)]

    def of_bucket(bucket: int) -> pl.DataFrame:
        return facts_of_days(read_bucket(activity, bucket, columns), contract, as_of)

    return pl.concat(over_buckets(of_bucket, buckets_in(activity))).sort("user_id")


def facts_of_days(days: pl.DataFrame, contract: Contract, as_of: date) -> pl.DataFrame:
    """`SCHEMA` for each user of `days`, user-days of whole users, sorted by user and day; later days do not count.

    `request_since`: from then on a request has been open all the time. `goal`: what was reached on `goal_on`, in the
    contract's words. `level_on`: the last day on which the level rose, to `level`. `bought_on`: unless money was paid
    back since then. `use_30d`: seconds, or events if times are dates. `kinds_30d`: of the kinds that users come
    for those used; `kinds_share_30d`: their share. `regular_contacts`: who have not gone silent.
    `subscription_ended_on`: unless one runs. `limit_used`: events of the contract's
    limit within its days.
    """
    known = days.filter(pl.col("day") <= as_of)
    if END_MARKS in days.columns:
        known = known.with_columns(under_contract(known).alias(_RUNS))
    facts = known.group_by("user_id", maintain_order=True).agg(_facts(set(days.columns), contract, as_of))
    if "open_complaints" in days.columns:
        facts = facts.join(_open_requests(known), on="user_id", how="left", maintain_order="left")
    present = [pl.col(name).cast(dtype) for name, dtype in SCHEMA.items() if name in facts.columns]
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in SCHEMA.items() if name not in facts.columns]
    return facts.select(*present, *absent).select(*SCHEMA)


def _facts(there: set[str], contract: Contract, as_of: date) -> list[pl.Expr]:
    day, recent = pl.col("day"), _last_days(as_of, RECENT_DAYS)
    use = "seconds" if "seconds" in there else "events"
    facts = {"first_day": day.min(), "use_30d": pl.col(use).filter(recent).sum()}
    facts["active_days_30d"] = pl.col("logins").filter(recent).sum()
    if "score" in there:
        answered = pl.col("score").is_not_null()
        facts |= {"score_last": pl.col("score").drop_nulls().last(), "score_on": day.filter(answered).last()}
    if "level_gain" in there:
        rose = pl.col("level_gain") > 0
        facts |= {"level_on": day.filter(rose).last(), "level": pl.col("level").filter(rose).last()}
    if "orders" in there:
        bought, refunded = (day.filter(pl.col(name) > 0).last() for name in ("orders", "refunds"))
        facts["bought_on"] = pl.when((refunded < bought).fill_null(value=True)).then(bought)
    if {"regular_counterparts", "ceased_counterparts"} <= there:
        facts["regular_contacts"] = (pl.col("regular_counterparts") - pl.col("ceased_counterparts")).last()
    if END_MARKS in there:
        ended = day.filter((pl.col(END_MARKS) > 0) & ~pl.col(_RUNS)).last()
        facts["subscription_ended_on"] = pl.when(~pl.col(_RUNS).last()).then(ended)
    facts |= _of_kinds(there, contract, as_of)
    return [fact.alias(name) for name, fact in facts.items()]


def _of_kinds(there: set[str], contract: Contract, as_of: date) -> dict[str, pl.Expr]:
    """The facts that are counted from single kinds of event."""
    day, measures = pl.col("day"), kind_measures(contract.groups)
    own = list(purposes(contract, there).values())
    facts: dict[str, pl.Expr] = {}
    if own:
        recent = _last_days(as_of, RECENT_DAYS)
        used = pl.sum_horizontal((pl.col(name).filter(recent).sum() > 0) for name in own)
        facts = {"kinds_30d": used, "kinds_share_30d": used / len(own)}
    goals = {kind: measures[kind] for kind in contract.meaning.goal or () if measures[kind] in there}
    if goals:
        reached = {kind: day.filter(pl.col(name) > 0).last() for kind, name in goals.items()}
        last = pl.max_horizontal(reached.values())
        facts["goal_on"] = last
        facts["goal"] = pl.coalesce(
            pl.when(on == last).then(pl.lit(words_of(kind, contract.words).one))
            for kind, on in reached.items()
        )
    limit = contract.meaning.limit
    if limit is not None and all(measures[kind] in there for kind in limit.kinds):
        within = _last_days(as_of, limit.days)
        facts["limit_used"] = pl.sum_horizontal(
            pl.col(measures[kind]).filter(within).sum() for kind in limit.kinds
        )
    return facts


def _last_days(as_of: date, days: int) -> pl.Expr:
    return pl.col("day") > as_of - timedelta(days=days)


def _open_requests(days: pl.DataFrame) -> pl.DataFrame:
    """`user_id, request_open, request_since` of users who ever asked for something."""
    counted = days.filter(pl.col("open_complaints").is_not_null()).select("user_id", "day", "open_complaints")
    closed = (pl.col("open_complaints") == 0).cum_sum().over("user_id")
    spells = counted.with_columns(spell=closed)
    is_open = pl.col("open_complaints") > 0
    return spells.group_by("user_id", maintain_order=True).agg(
        request_open=is_open.last(),
        request_since=pl.when(is_open.last()).then(
            pl.col("day").filter(is_open & (pl.col("spell") == pl.col("spell").last())).first()
        ),
    )
