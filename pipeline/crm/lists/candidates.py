"""The candidates for the lists for import: listed users and users who have left, with the facts of the list's day.

Promise: nothing here depends on who is chosen, so the lists of a preview and of a delivered list have the same
candidates.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from features.advice.facts import FACTS, nps_group
from features.advice.list_facts import LIST_FACTS, LISTS, SAVE
from features.advice.list_texts import ListTexts
from features.contract.external_data import SIGN_UP
from features.contract.model import Contract
from pipeline.config.import_lists import ImportLists
from pipeline.crm.exclusions import BOTS, NeverContact, named_rule
from pipeline.crm.lists.eligible import eligible
from pipeline.crm.lists.facts.plans import with_plans

OPEN_REQUEST, COOL_DOWN, ASKED_BEFORE = "open_request", "cool_down", "asked_before"
"""Why a candidate is on none of the lists but that of users to save, or not on one of them (`ASKED_BEFORE`)."""


def candidates(
    listed: pl.DataFrame, left: pl.DataFrame, facts: pl.DataFrame, contract: Contract, asked: ImportLists
) -> pl.DataFrame:
    """Each of the `listed` users and of those who have `left`, with the facts of the texts and what `eligible` says.

    `listed`: `user_id, as_of`, `FACTS` and other columns that texts may name. `left`: the same, and what `left_users`
    gives, `came_for` and `new_since`. `facts`: `SCHEMA` of `user_facts`. In the order of the user ids.
    """
    every = pl.concat(
        [listed.with_columns(churned=pl.lit(value=False)), left.with_columns(churned=pl.lit(value=True))],
        how="diagonal_relaxed",
    )
    own = [name for name in facts.columns if name in every.columns and name != "user_id"]
    known = every.drop(own).join(facts, on="user_id", how="left", maintain_order="left")
    told = _typed(
        with_plans(_with_tenure(known), contract).with_columns(nps_group=nps_group(pl.col("score_last")))
    )
    told = told.with_columns(
        pl.col("request_open").fill_null(value=False),
        days_since_left=(pl.col("as_of") - pl.col("left_on")).dt.total_days(),
    )
    return told.with_columns(eligible(told, asked).get_columns()).sort("user_id")


def with_refusals(
    candidates: pl.DataFrame,
    rules: Sequence[NeverContact],
    bots: pl.Series,
    contacts: pl.DataFrame | None,
    texts: ListTexts,
    as_of: date,
) -> pl.DataFrame:
    """`candidates` with `refused`, why a user is on no list, and `rests_LIST`, why not on this one; null: no reason.

    `rules`: of `never_contact`, which hold for everybody. `bots`: ids of users who may be machines. `contacts`:
    `user_id, day, play` of past contacts; None: not known. Whoever waits for an answer gets it before anything else; to
    those who have left the list winback offers it.
    Raises PlaysError when a condition does not run on the facts.
    """
    by_rule = named_rule(candidates["user_id"], candidates, rules, as_of).alias("refused")
    machine = pl.when(pl.col("user_id").is_in(bots.implode())).then(pl.lit(BOTS))
    waits = pl.when(pl.col("request_open") & ~pl.col("churned")).then(pl.lit(OPEN_REQUEST))
    known = candidates.with_columns(by_rule).with_columns(refused=pl.coalesce("refused", machine, waits))
    return known.with_columns(
        [_rests(known["user_id"], name, contacts, texts, as_of) for name in LISTS if name != SAVE]
    )


def _rests(
    user_ids: pl.Series, name: str, contacts: pl.DataFrame | None, texts: ListTexts, as_of: date
) -> pl.Series:
    """`rests_LIST`: a contact within the cool-down of the list, or one by the list within its own time."""
    of_list = texts.lists[name]  # type: ignore[index]  # a name of LISTS
    column = f"rests_{name}"
    if contacts is None:
        return pl.repeat(None, user_ids.len(), dtype=pl.String, eager=True).alias(column)
    past = contacts.filter(pl.col("day") <= as_of).with_columns(
        by_list=pl.col("play").is_in([name, *of_list.codes])
    )
    since = (pl.lit(as_of) - pl.col("day")).dt.total_days()
    last = past.group_by("user_id").agg(any=since.min(), own=since.filter("by_list").min())
    joined = user_ids.to_frame("user_id").join(last, on="user_id", how="left", maintain_order="left")
    return joined.select(
        pl.when(pl.col("own") < of_list.again_days).then(pl.lit(ASKED_BEFORE))
        .when(pl.col("any") < of_list.cool_down_days).then(pl.lit(COOL_DOWN))
        .alias(column)
    ).to_series()  # fmt: skip


def _with_tenure(known: pl.DataFrame) -> pl.DataFrame:
    """`signed_up_on`, `here_since` then (else since the first event), `tenure_days`, and the next anniversary."""
    sign_up = pl.col(SIGN_UP).cast(pl.Date) if SIGN_UP in known.columns else pl.lit(None, pl.Date)
    dated = known.with_columns(signed_up_on=pl.when(sign_up <= pl.col("as_of")).then(sign_up))
    day, signed = pl.col("as_of") + timedelta(days=1), pl.col("signed_up_on")
    years = day.dt.year() - signed.dt.year()
    passed = signed.dt.offset_by(pl.format("{}y", years.fill_null(0))) < day
    years = (years + passed.cast(pl.Int32)).cast(pl.Int64)
    return dated.with_columns(
        here_since=pl.coalesce("signed_up_on", "first_day"),
        tenure_days=(pl.col("as_of") - pl.coalesce("signed_up_on", "first_day")).dt.total_days(),
        anniversary_years=years,
        anniversary_on=signed.dt.offset_by(pl.format("{}y", years.fill_null(0))),
    )


def _typed(told: pl.DataFrame) -> pl.DataFrame:
    """`told` with every fact that a text may name in its type, null where there is none."""
    types = {**FACTS, **LIST_FACTS}
    return told.with_columns(
        (pl.col(name) if name in told.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in types.items()
    )
