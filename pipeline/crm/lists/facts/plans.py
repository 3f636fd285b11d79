"""Plans: whether a user has the lowest one, and how much a plan allows."""

import polars as pl

from features.contract.model import Contract

FREE = "free"
"""The plan that is the lowest one where the contract does not order the plans, in upper or lower case."""


def with_plans(known: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """`known` with `lowest_plan` and `limit_most`; null where it is not known.

    `known`: with `plan` and `subscription_running`. The lowest plan is the first of the contract's `meaning.plans`,
    else the one called free. Without plans it is to have no subscription.
    """
    plan, plans, limit = pl.col("plan").cast(pl.String), contract.meaning.plans, contract.meaning.limit
    named = known.select(plan.str.to_lowercase() == FREE).to_series()
    if plans is not None:
        lowest = plan == plans[0]
    elif named.any():
        lowest = plan.str.to_lowercase() == FREE
    elif known["plan"].null_count() == known.height:
        lowest = ~pl.col("subscription_running")
    else:
        lowest = pl.lit(None, pl.Boolean)
    most = pl.lit(None, pl.Float64)
    if limit is not None:
        most = plan.replace_strict(limit.most, default=None, return_dtype=pl.Float64)
    return known.with_columns(lowest_plan=lowest.cast(pl.Boolean), limit_most=most)
