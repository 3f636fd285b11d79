"""The lines of a log that start, renew or end subscriptions, as marks (`models/business/subscriptions.MARKS`)."""

import polars as pl

from features.events.received import OWN, ROLE
from features.external.money import in_reporting
from models.business.subscriptions import MARKS
from pipeline.business.sources import Sources
from pipeline.errors import InputError
from pipeline.storage.frames import bucket_file, scan_table


def subscription_marks(sources: Sources, bucket: int, users: pl.DataFrame) -> pl.DataFrame:
    """The marks of the users of a bucket, sorted by user and time.

    `users`: `user_id, user` (their numbers). Amounts are in the reporting currency, at the rate of each line's own day.
    Raises InputError when a payment pays up to a day before its own.
    """
    meaning = sources.contract.meaning
    starts, ends = meaning.subscription_start or (), meaning.subscription_end or ()
    lines = scan_table(bucket_file(sources.folders.events, bucket)).filter(
        pl.col("kind").is_in([*starts, *ends])
    )
    if ROLE in lines.collect_schema():
        lines = lines.filter(pl.col(ROLE) == OWN)
    dated = (
        lines.with_columns(sources.contract.day_of(pl.col("at")).alias("day"))
        .filter(pl.col("day").is_between(sources.facts.log_start, sources.facts.log_end))
        .collect()
        .join(users, on="user_id", how="inner", maintain_order="left")
    )
    marked = _with_amount(sources, dated).with_columns(starts=pl.col("kind").is_in(list(starts)))
    marked = _with_paid_time(sources, marked)
    _check_order(sources, marked)
    day = pl.col("day").to_physical().cast(pl.Int64)
    # At one instant an end stands before a start: it is a change of plan.
    return (
        marked.with_columns(day=day)
        .select(*MARKS)
        .cast(dict(MARKS.items()))
        .sort("user", "at", "starts", maintain_order=True)
    )


def _with_amount(sources: Sources, dated: pl.DataFrame) -> pl.DataFrame:
    if "amount" not in sources.facts.tells:
        return dated.with_columns(amount_minor=pl.lit(None, pl.Int64))
    ends = dated.with_columns(sources.contract.known_until(pl.col("day")).alias("day_end"))
    rates = sources.rates
    return in_reporting(
        ends, rates.rates, sources.contract.currency, base=rates.base, max_age_days=rates.max_age_days
    )


def _with_paid_time(sources: Sources, marked: pl.DataFrame) -> pl.DataFrame:
    """`marked` with the last day that is paid for, and the number of days that the amount pays for."""
    contract, day = sources.contract, pl.col("day").to_physical().cast(pl.Int64)
    renewal = contract.meaning.renewal_days
    if not contract.has("paid_until"):
        length = pl.lit(renewal if isinstance(renewal, int) else None, pl.Int64)
        of_start = pl.when("starts").then(length)
        return marked.with_columns(paid_until=day + of_start, length_days=of_start)
    until = pl.col("paid_until").cast(pl.Int64)
    told = marked.with_columns(paid_until=until)
    if isinstance(renewal, dict) or contract.has("plan_days"):
        return told.with_columns(length_days=pl.col("paid_until") - day)
    # A payment that comes early pays for the time after the one before.
    before = pl.col("paid_until").shift().over("user")
    begin = pl.max_horizontal(day, before)
    length = pl.col("paid_until") - begin
    return told.with_columns(
        length_days=pl.when(length > 0).then(length).otherwise(pl.col("paid_until") - day)
    ).with_columns(length_days=pl.when(pl.col("length_days") > 0).then("length_days"))


def _check_order(sources: Sources, marked: pl.DataFrame) -> None:
    day = pl.col("day").to_physical().cast(pl.Int64)
    wrong = marked.filter(pl.col("starts") & (pl.col("paid_until") < day))
    if wrong.is_empty():
        return
    until = pl.col("paid_until").cast(pl.Int32).cast(pl.Date)
    first = wrong.sort("at").with_columns(until).row(0, named=True)
    raise InputError(
        f"{sources.log.path}: a subscription that starts at {first['at']:%Y-%m-%d %H:%M:%S} ({first['kind']}) ends "
        f"before it, on {first['paid_until']}; such lines: {wrong.height:,}.\n"
        f"A subscription ends on the day on which it starts, or later. Correct paid_until in {sources.log.contract}, "
        "or leave these lines out with exclude."
    )
