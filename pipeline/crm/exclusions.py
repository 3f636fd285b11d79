"""Whom a list must not contact, and by which rule.

Promise: each user is counted once, under the first rule that applies. Whoever opted out is never contacted; the other
rules give way to what is owed to a user.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from features.advice.conditions import Condition
from features.advice.facts import PROMOTER
from features.advice.plays import Play
from models.learning.evidence import THIN

PROMOTERS, BOTS, THIN_EVIDENCE, COOL_DOWN = "promoter", "bot", "thin_evidence", "cool_down"
BUILT_IN = (PROMOTERS, BOTS, THIN_EVIDENCE, COOL_DOWN)
"""The rules that hold for the choice of every list, after those of `never_contact`, in this order."""
_NEWCOMER = "newcomer"


@dataclass(frozen=True, slots=True)
class NeverContact:
    """One rule of `never_contact`: users named in a file, or a condition on users.

    `users`: `user_id`, and `until`, the last day on which the rule holds (null: for ever). `when`: for whom it holds.
    One of the two is None.
    """

    name: str
    users: pl.DataFrame | None
    when: Condition | None


def exclusions(
    listed: pl.DataFrame,
    facts: pl.DataFrame,
    rules: Sequence[NeverContact],
    bots: pl.Series,
    contacts: pl.DataFrame | None,
    plays: Mapping[str, Play],
    as_of: date,
) -> pl.Series:
    """`excluded_by` of each of `listed`: the first rule that applies, or null.

    `listed`: `user_id, play, duty, evidence, population`. `facts`: what conditions name and `nps_group`, in the same
    order. `bots`: ids of users who may be machines. `contacts`: `user_id, day` of past contacts. A contact within the
    cool-down of the user's play excludes the user: with 14 days, contacts of the 14 days that end with `as_of`.
    Promoters are not written to as if they were leaving. Thin evidence leaves newcomers their play. The built-in rules
    do not hold for a user with a duty; those of `rules` hold for everybody: support answers such a request elsewhere.
    Raises PlaysError when a condition does not run on the facts.
    """
    applies: list[tuple[str, pl.Series]] = []
    thin = (listed["evidence"] == THIN) & (listed["population"] != _NEWCOMER)
    applies += [
        (PROMOTERS, facts["nps_group"] == PROMOTER),
        (BOTS, listed["user_id"].is_in(bots.implode())),
        (THIN_EVIDENCE, thin),
        (COOL_DOWN, _cooling(listed, contacts, plays, as_of)),
    ]
    owed = listed["duty"] | listed["play"].is_in([code for code, play in plays.items() if play.duty])
    first = named_rule(listed["user_id"], facts, rules, as_of)
    for name, of_rule in applies:
        first = _with(first, name, of_rule & ~owed)
    return first.alias("excluded_by")


def named_rule(
    user_ids: pl.Series, facts: pl.DataFrame, rules: Sequence[NeverContact], as_of: date
) -> pl.Series:
    """The name of the first of `rules` that holds for each user, or null. `facts`: in the order of `user_ids`."""
    first = pl.repeat(None, user_ids.len(), dtype=pl.String, eager=True)
    for rule in rules:
        first = _with(first, rule.name, _of_rule(rule, user_ids, facts, as_of))
    return first


def _with(first: pl.Series, name: str, holds: pl.Series) -> pl.Series:
    """`first`, with `name` for users for whom it `holds` and nothing held before."""
    hits = holds.fill_null(value=False) & first.is_null()
    return pl.repeat(name, first.len(), dtype=pl.String, eager=True).zip_with(hits, first)


def _of_rule(rule: NeverContact, user_ids: pl.Series, facts: pl.DataFrame, as_of: date) -> pl.Series:
    if rule.when is not None:
        return rule.when.of(facts)
    if rule.users is None:
        raise TypeError(f"rule {rule.name} has neither users nor a condition")
    holds = rule.users.filter(pl.col("until").is_null() | (pl.col("until") >= as_of))
    return user_ids.is_in(holds["user_id"].implode())


def _cooling(
    listed: pl.DataFrame, contacts: pl.DataFrame | None, plays: Mapping[str, Play], as_of: date
) -> pl.Series:
    """Whether the last contact of each user lies within the cool-down of the user's play."""
    if contacts is None:
        return pl.repeat(value=False, n=listed.height, dtype=pl.Boolean, eager=True)
    last = contacts.filter(pl.col("day") <= as_of).group_by("user_id").agg(pl.col("day").max())
    days = {code: play.cool_down_days for code, play in plays.items()}
    known = listed.select("user_id", "play").join(last, on="user_id", how="left", maintain_order="left")
    cool_down = pl.col("play").replace_strict(days, default=0, return_dtype=pl.Int64)
    since = (pl.lit(as_of) - pl.col("day")).dt.total_days()
    return known.select(((cool_down > 0) & (since < cool_down)).fill_null(value=False)).to_series()
