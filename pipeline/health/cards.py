"""The scorecards of all accounts on the log's last day, with their trend, and those of the reference day."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from models.health.scorecard import DIMENSIONS, colour, next_steps, scored
from pipeline.business.sources import Sources
from pipeline.health.accounts import accounts_of, parts_of_bucket, users_of_accounts
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import buckets_in

TREND_DAYS = 28
_STEPS = {
    "breadth": "Show a key use of the product that is not used yet.",
    "depth": "Invite the people of the account who have not come for 30 days.",
    "reach": "Bring the account together with others: a first common thing to do.",
}
_ABSENT = {
    "breadth": "the contract names fewer than two key uses (meaning.paid_for, groups)",
    "depth": "the contract names no columns.account",
    "reach": "the contract names no columns.counterpart",
}


@dataclass(frozen=True, slots=True)
class Cards:
    """`accounts`: one row each, as `accounts.parquet` has them. `users`: `user_id, account, health`.

    `several`: users of several accounts. `reference_day`: whose accounts the ranks are among. `because`: by absent
    dimension the reason.
    """

    accounts: pl.DataFrame
    users: pl.DataFrame
    several: int
    reference_day: date
    because: dict[str, str]


def cards(sources: Sources, reference_day: date) -> Cards:
    """The scorecards. The reference day is the log's last one, if it is later.

    Raises InputError when `columns.account` is no account.
    """
    now, before = sources.log_end, sources.log_end - timedelta(days=TREND_DAYS)
    fixed = min(reference_day, now)
    days = (now, before, fixed)
    by_bucket = over_buckets(
        lambda bucket: parts_of_bucket(bucket, sources, days),
        buckets_in(sources.folders.activity),
        "accounts",
    )
    parts = [[of_bucket[turn] for of_bucket in by_bucket] for turn in range(len(days))]
    today, earlier, reference = (
        accounts_of(part, sources, day) for part, day in zip(parts, days, strict=True)
    )
    owners, several = users_of_accounts(parts[0], sources)
    made = scored(today, reference)
    was = scored(earlier, reference).select("account", was="health")
    because = {name: _ABSENT[name] for name in DIMENSIONS if today[name].is_null().all() and name in _ABSENT}
    told = made.join(was, on="account", how="left", maintain_order="left").with_columns(
        as_of=pl.lit(now),
        currency=pl.lit(sources.currency, pl.String),
        colour=colour("health", "trouble"),
        trend=(pl.col("health") - pl.col("was")).round(1),
        next_step=next_steps(_STEPS),
        value_at_risk=pl.lit(None, pl.Float64),
        because=pl.lit("; ".join(f"{name}: {why}" for name, why in because.items()) or None, pl.String),
    )
    accounts = told.select(
        "account", "as_of", "people", "seats", *DIMENSIONS, "price", "currency", "health", "colour",
        "value_for_money", "trend", "weakest", "value_at_risk", "next_step", "because",
    )  # fmt: skip
    users = owners.join(accounts.select("account", "health"), on="account", how="left")
    return Cards(accounts, users.sort("user_id"), several, fixed, because)


def summary(made: Cards) -> dict[str, object]:
    """The section `accounts` of `health.json`."""
    counts = made.accounts["colour"].drop_nulls().value_counts().sort("colour")
    return {
        "accounts": made.accounts.height,
        "mean_health": made.accounts["health"].mean(),
        "mean_trend": made.accounts["trend"].mean(),
        "colours": dict(counts.iter_rows()),
        "users_of_several_accounts": made.several,
        "reference_day": made.reference_day.isoformat(),
        "because": made.because,
    }
