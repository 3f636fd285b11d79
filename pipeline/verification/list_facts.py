"""A plain recount, from days that were counted from the raw events, of what the lists for import say of users.

The days of a user are read one after another, as a person would. Promise: nothing of the rooms that make the lists is
used.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from features.contract.model import Contract
from features.names import kind_measures, words_of
from pipeline.verification.plain_days import PlainDays
from pipeline.verification.recount import circles

SCHEMA = {
    "user_id": pl.String, "came": pl.Date, "score_last": pl.Float64, "score_on": pl.Date,
    "request_since": pl.Date, "goal": pl.String, "goal_on": pl.Date, "level": pl.Float64, "level_on": pl.Date,
    "bought_on": pl.Date, "active_days_30d": pl.Int64, "regular_contacts": pl.Int64,
}  # fmt: skip
"""What is recounted; `came`: the last day with a login."""
_RECENT_DAYS = 30


def recounted_facts(plain: PlainDays, contract: Contract, as_of: date) -> pl.DataFrame:
    """`SCHEMA` for each user of `plain`, as known at the end of `as_of`."""
    measures = kind_measures(contract.groups)
    goals = {measures[kind]: words_of(kind, contract.words).one for kind in contract.meaning.goal or ()}
    known = plain.days.filter(pl.col("day") <= as_of).sort("user_id", "day")
    by_user = known.partition_by("user_id", as_dict=True, maintain_order=True)
    rows = [{"user_id": user_id, **_facts(days, goals, as_of)} for (user_id,), days in by_user.items()]
    facts = pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)
    last = known.group_by("user_id").agg(at=pl.col("day").max())
    regular = circles(plain.met, last).select(
        "user_id", regular_contacts=pl.col("regular_counterparts") - pl.col("ceased_counterparts")
    )
    return facts.drop("regular_contacts").join(regular, on="user_id", how="left").select(*SCHEMA)


def _facts(days: pl.DataFrame, goals: Mapping[str, str], as_of: date) -> dict[str, Any]:
    """The facts of one user. `goals`: the column that counts a goal, with the words for one."""
    facts: dict[str, Any] = {"active_days_30d": 0}
    for row in days.iter_rows(named=True):
        day = row["day"]
        if row["logins"]:
            facts["came"] = day
            facts["active_days_30d"] += (as_of - day).days < _RECENT_DAYS
        if row.get("score") is not None:
            facts |= {"score_last": row["score"], "score_on": day}
        if row.get("open_complaints") is not None:
            facts["request_since"] = (facts.get("request_since") or day) if row["open_complaints"] else None
        reached = next((words for column, words in goals.items() if row.get(column)), None)
        if reached is not None:
            facts |= {"goal": reached, "goal_on": day}
        if row.get("level_gain"):
            facts |= {"level": row["level"], "level_on": day}
        if row.get("orders"):
            facts["bought_on"] = day
        if row.get("refunds"):
            facts["bought_on"] = None
    return facts
