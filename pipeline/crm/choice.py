"""The choice of a list: whom to contact, whom to hold out, whom to watch, and whom a rule excludes.

Promise: every listed user has one action. A user without one of contact carries no play, step or goal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice import plays
from models.targeting.holdout import arms, period_of
from models.targeting.measured import PlayEffect, measured_effect
from models.targeting.policy import (
    Assumptions,
    Expected,
    Offers,
    Rule,
    by_depth,
    choose,
    expected,
    reached_share,
)
from pipeline.config.sections import Holdout, Policy
from pipeline.crm.exclusions import COOL_DOWN
from pipeline.crm.ledger.episodes import KEPT, RUNNING_SCHEMA
from pipeline.errors import InputError

CONTACT, HOLDOUT, WATCH, EXCLUDED = ACTIONS = ("contact", "holdout", "watch", "excluded")
_GROUP, _SCORE, _WHY_WATCHED = "group", "score", "why_watched"


@dataclass(frozen=True, slots=True)
class Offer:
    """Of a play: the share of leavers who accept it, and the cost of its offer in the reporting currency."""

    accepts: float
    offer_cost: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice of a list.

    `listed`: the users by `rank`, with `action`, `arm`, for those watched the reason `why_watched`, and what a contact
    of each is expected to bring: `expected_profit`, `expected_kept`, `expected_kept_revenue`, `expected_cost`. `rule`
    and `because`: how it was chosen, and why so. `valued`: the log has amounts. `curve`: what contacting the first
    users brings, by their number.
    """

    listed: pl.DataFrame
    rule: Rule
    because: str
    valued: bool
    curve: list[dict[str, float | int]]


def chosen(
    listed: pl.DataFrame,
    offers: Mapping[str, Offer],
    policy: Policy,
    holdout: Holdout,
    lead_days: int,
    excluded_by: pl.Series,
    *,
    valued: bool,
    running: pl.DataFrame | None = None,
    effects: Mapping[str, PlayEffect] | None = None,
) -> Chosen:
    """The choice among `listed` users: `listed_users` with their value, by user id.

    `running`: the episodes that run, as `running_episodes` gives them; None: a preview without episodes. Their users
    are not chosen again: they keep arm, play and style, and `play_now` is the play that they would have today. The
    contact that began an episode does not end it: a cool-down excludes nobody who is in one.

    `offers`: of each play. `effects`: of the plays whose effect past lists have shown: it takes the place of what the
    file of plays assumes. `excluded_by`: per user the first rule that excludes the user, or null. `valued`: the log
    has amounts. A user with a `duty` is contacted whatever the profit, unless excluded, and belongs to no arm. Raises
    InputError when the rule needs amounts that the log does not have.
    """
    rule, because = _rule_of(policy, valued=valued)
    known = _with_episodes(listed, running)
    runs = known["episode"].is_not_null()
    excluded_by = excluded_by.set((excluded_by == COOL_DOWN) & runs, None)
    free, in_episode = excluded_by.is_null().to_numpy(), runs.to_numpy()
    duty = known["duty"].to_numpy() & free
    has_play = (known["play_now"] != plays.WATCH).to_numpy()
    eligible = free & has_play & ~duty & ~in_episode
    of_contact = _expected(known, offers, effects or {}, policy, lead_days)
    most = None
    if rule == "capacity":
        most = policy.capacity_users or max(1, round(policy.capacity_share * known.height))
    choice = choose(of_contact, eligible, rule, most_users=most, budget=policy.budget)
    known = known.with_columns(_arm(known, choice.chosen, in_episode & free & ~duty, holdout))
    known = known.with_columns(_of_contact(of_contact, valued=valued))
    begins = pl.when(pl.Series(choice.chosen) & pl.lit(running is not None)).then(pl.col("as_of"))
    why_watched = (
        pl.when(~pl.Series(has_play)).then(pl.lit("no_play"))
        .when(pl.lit(valued) & (pl.col("expected_profit") <= 0)).then(pl.lit("no_profit"))
        .otherwise(pl.lit(f"beyond_{rule}"))
    )  # fmt: skip
    in_arm = pl.col("arm").is_not_null()
    decided = known.with_columns(
        excluded_by.alias("excluded_by").cast(pl.String),
        pl.coalesce("episode", begins).alias("episode"),
        pl.Series("new", choice.chosen),
        pl.Series(_SCORE, np.where(has_play, choice.score, -np.inf)),
        pl.when(~pl.Series(free)).then(pl.lit(EXCLUDED))
        .when(pl.Series(duty)).then(pl.lit(CONTACT))
        .when(in_arm).then("arm")
        .otherwise(pl.lit(WATCH))
        .alias("action"),
        pl.when(~pl.Series(free)).then(3).when(pl.Series(duty) | in_arm).then(0).when(pl.Series(eligible)).then(1)
        .otherwise(2)
        .alias(_GROUP),
    ).with_columns(pl.when(pl.col("action") == WATCH).then(why_watched).alias(_WHY_WATCHED))  # fmt: skip
    ranked = decided.sort(
        [_GROUP, _SCORE, "churn_probability", "user_id"], descending=[False, True, True, False]
    ).with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    gain = of_contact.profit if valued else of_contact.kept
    curve = by_depth(np.nan_to_num(gain), eligible, choice.score, listed["churn_probability"].to_numpy())
    return Chosen(ranked.drop(_GROUP, _SCORE), rule, because, valued, curve)


def _of_contact(brings: Expected, *, valued: bool) -> list[pl.Series]:
    """The columns of what a contact is expected to bring; the profit is null if the log has no amounts."""
    profit = brings.profit if valued else np.full(len(brings.profit), np.nan)
    return [
        pl.Series("expected_profit", profit, dtype=pl.Float64).fill_nan(None),
        pl.Series("expected_kept", brings.kept),
        pl.Series("expected_kept_revenue", brings.revenue),
        pl.Series("expected_cost", brings.cost),
    ]


def _with_episodes(listed: pl.DataFrame, running: pl.DataFrame | None) -> pl.DataFrame:
    """`listed` with `episode`, `kept_arm` and `play_now`. In an episode, play, step and style are of its first day.

    A goal of today stays only with a play of today. What is owed today comes before the play of an episode.
    """
    kept = pl.DataFrame(schema=RUNNING_SCHEMA) if running is None else running
    kept = kept.rename({name: f"kept_{name}" for name in KEPT if name != "episode"})
    joined = listed.join(kept, on="user_id", how="left", maintain_order="left")
    keeps = pl.col("episode").is_not_null() & ~pl.col("duty")
    changed = keeps & (pl.col("kept_play") != pl.col("play"))
    return joined.with_columns(
        pl.col("play").alias("play_now"),
        *(pl.when(keeps).then(f"kept_{name}").otherwise(name).alias(name) for name in ("play", "next_step")),
        pl.when(pl.col("episode").is_not_null()).then("kept_style").otherwise("style").alias("style"),
        pl.when(~changed).then("goal_text").alias("goal_text"),
    ).drop("kept_play", "kept_next_step", "kept_style")


def _arm(
    known: pl.DataFrame, taken: NDArray[np.bool_], keeps: NDArray[np.bool_], holdout: Holdout
) -> pl.Series:
    """`arm`: drawn for the users `taken`, that of the episode for those who keep it, else null."""
    new = known.filter(pl.Series(taken))
    strata = None
    if holdout.strata and new.height:
        strata = new.select(
            pl.concat_str(pl.col(name).cast(pl.String).fill_null("") for name in holdout.strata)
        ).to_series()
    period = period_of(new["as_of"][0], holdout.period) if new.height else ""
    drawn = new.select("user_id", drawn=arms(new["user_id"], holdout.share, holdout.key, period, strata))
    both = known.join(drawn, on="user_id", how="left", maintain_order="left")
    return both.select(pl.when(pl.Series(keeps)).then("kept_arm").otherwise("drawn").alias("arm")).to_series()


def _expected(
    listed: pl.DataFrame,
    offers: Mapping[str, Offer],
    effects: Mapping[str, PlayEffect],
    policy: Policy,
    lead_days: int,
) -> Expected:
    """What a contact with each user's play is expected to bring. Without a play it keeps nobody."""
    codes = listed["play_now"]
    accepts = [offers[code].accepts if code in offers else 0.0 for code in codes]
    costs = [offers[code].offer_cost if code in offers else 0.0 for code in codes]
    assumed = Assumptions(
        policy.contact_cost, policy.margin, policy.stayers_take_offer, policy.half_life_gaps
    )
    silent, gaps = (
        listed[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in ("silent_days", "mean_gap_days")
    )
    horizon = listed["window_days"].cast(pl.Float64).to_numpy() - lead_days
    reached = reached_share(silent, gaps, horizon, policy.half_life_gaps)
    values = listed["expected_revenue"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return expected(
        listed["churn_probability"].to_numpy(),
        values,
        reached,
        Offers(np.asarray(accepts, dtype=np.float64), np.asarray(costs, dtype=np.float64)),
        assumed,
        measured_effect(effects, codes, listed["risk_band"]),
    )


def _rule_of(policy: Policy, *, valued: bool) -> tuple[Rule, str]:
    """The rule in use, and the reason in words."""
    if policy.rule == "auto":
        if valued:
            return "profit", "policy.rule is auto, and the log has amounts"
        return "capacity", "policy.rule is auto, and the log has no amounts, so a profit is not known"
    if policy.rule in {"profit", "budget"} and not valued:
        raise InputError(
            f"params.yaml: policy.rule is {policy.rule}, and the log has no amounts, so no profit is known.\n"
            "Name the column of amounts in the log's contract, or set policy.rule to capacity or auto."
        )
    return policy.rule, f"policy.rule is {policy.rule}"


def policy_report(choice: Chosen, policy: Policy, effects: Mapping[str, Any]) -> dict[str, Any]:
    """`reports/policy.json`: the rule, the totals expected of the contacts, the assumptions, and the curve by depth.

    `effects`: which plays are measured and which are assumed.
    """
    listed = choice.listed
    arm = listed.filter("new")
    return {
        "rule": choice.rule,
        "because": choice.because,
        "unit": "profit" if choice.valued else "users kept",
        "currency": listed["currency"].first() if listed.height else None,
        "chosen": arm.height,
        "expected": expected_totals(choice),
        "assumptions": assumptions(policy, choice),
        "effects": effects,
        "curve": choice.curve,
    }


def expected_totals(choice: Chosen) -> dict[str, float | int | None]:
    """What the contacts are expected to bring: those that begin with this list, without duties.

    `users_kept` of so many `contacts`; `revenue_kept`, `cost` and `profit` in the reporting currency, null without
    amounts.
    """
    contacts = choice.listed.filter((pl.col("action") == CONTACT) & pl.col("new"))
    money = contacts if choice.valued else contacts.clear()
    totals = {
        "revenue_kept": money["expected_kept_revenue"].sum(),
        "profit": money["expected_profit"].sum(),
    }
    return {
        "contacts": contacts.height,
        "users_kept": round(float(contacts["expected_kept"].sum()), 4),
        "cost": round(float(contacts["expected_cost"].sum()), 2),
        **{name: round(float(total), 2) if choice.valued else None for name, total in totals.items()},
    }


def assumptions(policy: Policy, choice: Chosen) -> dict[str, Any]:
    """The figures behind the expectation that nobody has measured: of params.yaml."""
    names = ["contact_cost", "margin", "stayers_take_offer", "half_life_gaps"]
    names += ["budget"] if choice.rule == "budget" else []
    if choice.rule == "capacity":
        names += ["capacity_share" if policy.capacity_users is None else "capacity_users"]
    return {name: getattr(policy, name) for name in names}
