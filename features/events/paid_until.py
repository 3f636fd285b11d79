"""The last day that a payment for a subscription pays for.

Promise: it comes from the line itself: its own date, its own number of days, or the number of days of its kind.
"""

import polars as pl

from features.events.fields import Plan, dtype_of, number_of, raw_column, without_null_values
from features.timestamps import read_instants


def paid_until(plan: Plan, made: pl.DataFrame) -> pl.Expr:
    """`paid_until` of events with `at` and `kind`: the day as days since 1970 (Float64), null on all other events.

    `made`: the raw rows with derived columns. Where the contract names kinds that start or end a subscription, only
    they pay for days. A number of days counts from the day of the payment.
    """
    contract = plan.contract
    kinds = [*(contract.meaning.subscription_start or ()), *(contract.meaning.subscription_end or ())]
    pays = pl.col("kind").is_in(kinds) if kinds else pl.lit(value=True)
    if "paid_until" in contract.derive or contract.columns.paid_until is not None:
        last = pl.lit(_written_days(plan, made))
    else:
        begins = contract.day_of(pl.col("at")).cast(pl.Int32)
        last = begins + _lengths(plan, made)
    return pl.when(pays).then(last.cast(pl.Float64)).alias("paid_until")


def _written_days(plan: Plan, made: pl.DataFrame) -> pl.Series:
    time, dtype = plan.contract.time, dtype_of(plan, "paid_until")
    written = made.select(without_null_values(plan, raw_column(plan, "paid_until"), dtype)).to_series()
    formats = tuple(dict.fromkeys((*time.formats, None)))
    if dtype.is_integer():
        written = written.cast(pl.String)
    at = read_instants(written, formats, time.timezone, epoch_is_local=time.epoch_is_local)
    return at.dt.convert_time_zone(time.timezone).dt.date().cast(pl.Int32)


def _lengths(plan: Plan, made: pl.DataFrame) -> pl.Expr:
    plans = plan.contract.meaning.renewal_days
    if plan.contract.has("plan_days"):
        number = number_of(plan, raw_column(plan, "plan_days"), dtype_of(plan, "plan_days"))
        return pl.lit(made.select(pl.when(number > 0).then(number)).to_series())
    return pl.col("kind").replace_strict(
        plans if isinstance(plans, dict) else {}, default=None, return_dtype=pl.Float64
    )
