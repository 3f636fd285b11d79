"""What the scorecard of accounts is made from, as of several days: people, kinds, counterparts, prices, complaints.

The account of a line is that of the contract's `columns.account`; without it each user is an account. Promise: of a
day nothing later than the day is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from features.contract.model import Contract
from features.events.received import OWN, ROLE
from models.business.subscriptions import subscriptions
from models.labels.sequence import day_number
from pipeline.business.payments import subscription_marks
from pipeline.business.sources import Sources
from pipeline.errors import InputError
from pipeline.storage.frames import bucket_file, read_bucket, scan_table

USED_DAYS, KNOWN_DAYS, PRICE_DAYS = 30, 180, 90
_DETRACTOR = 6
_MINOR = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """Of one bucket and day, each with `account`: users and their last day, key kinds, counterparts, prices."""

    people: pl.DataFrame
    kinds: pl.DataFrame
    counterparts: pl.DataFrame
    owned: pl.DataFrame


def key_kinds(contract: Contract) -> tuple[tuple[str, ...], ...]:
    """The key uses of a product, each as its kinds: those of `meaning.paid_for`, else the groups."""
    paid_for = contract.meaning.kinds.get("paid_for", ())
    return tuple((kind,) for kind in paid_for) or tuple(tuple(kinds) for kinds in contract.groups.values())


def parts_of_bucket(bucket: int, sources: Sources, days: Sequence[date]) -> list[Parts]:
    """The parts of the users of a bucket on each of `days`, none of which is later than the log's last day."""
    lines = _lines(bucket, sources, min(days) - timedelta(days=KNOWN_DAYS))
    activity = read_bucket(sources.folders.activity, bucket)
    visitors = read_bucket(sources.folders.anonymous, bucket, ["user_id"])
    lines = lines.join(visitors, on="user_id", how="anti", maintain_order="left")
    return [_parts(bucket, sources, lines, activity, day) for day in days]


def _lines(bucket: int, sources: Sources, after: date) -> pl.DataFrame:
    contract = sources.contract
    scan = scan_table(bucket_file(sources.folders.events, bucket))
    names = scan.collect_schema().names()
    if ROLE in names:
        scan = scan.filter(pl.col(ROLE) == OWN)
    account = pl.col("account") if "account" in names else pl.col("user_id")
    other = pl.col("counterpart") if "counterpart" in names else pl.lit(None, pl.String)
    return (
        scan.select(
            "user_id", "at", "kind", account.alias("account"), other.alias("counterpart"),
            day=contract.day_of(pl.col("at")),
        )
        .filter(pl.col("day").is_between(after, sources.log_end) & pl.col("account").is_not_null())
        .collect()
    )  # fmt: skip


def _parts(bucket: int, sources: Sources, lines: pl.DataFrame, activity: pl.DataFrame, day: date) -> Parts:
    until = pl.col("day") <= day
    known = lines.filter(until & (pl.col("day") > day - timedelta(days=KNOWN_DAYS)))
    used = known.filter(pl.col("day") > day - timedelta(days=USED_DAYS))
    uses = {kind: number for number, kinds in enumerate(key_kinds(sources.contract)) for kind in kinds}
    number = pl.col("kind").replace_strict(uses, default=None, return_dtype=pl.Int64)
    latest = (
        known.sort("user_id", "at", maintain_order=True).group_by("user_id").agg(pl.col("account").last())
    )
    so_far = activity.filter(until)
    owned = latest.join(_prices(bucket, sources, so_far, day), on="user_id", how="left")
    owned = owned.join(_troubles(so_far, day), on="user_id", how="left")
    return Parts(
        known.group_by("account", "user_id").agg(last=pl.col("day").max()),
        used.select("account", use=number).drop_nulls().unique(),
        used.select("account", "counterpart").drop_nulls().unique(),
        owned,
    )


def _prices(bucket: int, sources: Sources, activity: pl.DataFrame, day: date) -> pl.DataFrame:
    """`user_id, price` a month: what runs of subscriptions, else a third of the net payments of 90 days."""
    if sources.has_subscriptions:
        table = activity.select(pl.col("user_id").unique().sort()).with_row_index("user")
        table = table.with_columns(pl.col("user").cast(pl.Int64))
        marks = subscription_marks(sources, bucket, table).filter(pl.col("day") <= day_number(day))
        made = subscriptions(marks, sources.settings.grace_days)
        runs = (made.spans.begin <= day_number(day)) & (made.spans.end > day_number(day))
        paid = pl.DataFrame({"user": made.spans.user[runs], "price": made.mrr_minor[runs] / _MINOR})
        summed = (
            paid.cast({"user": pl.Int64, "price": pl.Float64}).group_by("user").agg(pl.col("price").sum())
        )
        return table.join(summed, on="user", how="left").select("user_id", pl.col("price").fill_null(0.0))
    if "revenue" not in activity.columns:
        return pl.DataFrame(schema={"user_id": pl.String, "price": pl.Float64})
    recent = activity.filter(pl.col("day") > day - timedelta(days=PRICE_DAYS))
    net = (pl.col("revenue").sum() - pl.col("refunds").sum()) * USED_DAYS / (PRICE_DAYS * _MINOR)
    return recent.group_by("user_id").agg(price=net.cast(pl.Float64))


def _troubles(activity: pl.DataFrame, day: date) -> pl.DataFrame:
    """`user_id, trouble`: a request that was open when the day began, or a last answer of 6 or less in 90 days."""
    trouble = pl.lit(value=False)
    if "open_complaints" in activity.columns:
        before = pl.col("open_complaints").filter(pl.col("day") < day).drop_nulls().last()
        trouble |= (pl.col("open_complaints").drop_nulls().last() > 0) & (before > 0)
    if "score" in activity.columns:
        recent = pl.col("score").filter(pl.col("day") > day - timedelta(days=PRICE_DAYS)).drop_nulls().last()
        trouble |= (recent <= _DETRACTOR).fill_null(value=False)
    ordered = activity.sort("user_id", "day")
    return ordered.group_by("user_id", maintain_order=True).agg(
        trouble=trouble.fill_null(value=False).first()
    )


def accounts_of(parts: Sequence[Parts], sources: Sources, day: date) -> pl.DataFrame:
    """`account, people, seats, breadth, depth, reach, price, trouble` of all accounts on a day, by account.

    `seats`: people known in 180 days. Depth is null without `columns.account`, reach without counterparts, breadth
    without key uses, price without amounts.
    """
    people = pl.concat([part.people for part in parts])
    active = pl.col("last") > day - timedelta(days=USED_DAYS)
    made = people.group_by("account").agg(
        people=active.sum().cast(pl.Int64), seats=pl.col("user_id").n_unique().cast(pl.Int64)
    )
    uses = pl.concat([part.kinds for part in parts]).unique().group_by("account").agg(used=pl.len())
    met = pl.concat([part.counterparts for part in parts]).unique().group_by("account").agg(met=pl.len())
    owned = pl.concat([part.owned for part in parts]).group_by("account").agg(
        pl.col("price").sum(), pl.col("trouble").any()
    )  # fmt: skip
    for other in (uses, met, owned):
        made = made.join(other, on="account", how="left")
    count, contract = len(key_kinds(sources.contract)), sources.contract
    nothing = pl.lit(None, pl.Float64)
    return made.select(
        "account", "people", "seats",
        breadth=pl.col("used").fill_null(0) / count if count > 1 else nothing,
        depth=pl.col("people") / pl.col("seats") if contract.has("account") else nothing,
        reach=pl.col("met").fill_null(0).cast(pl.Float64) if contract.has("counterpart") else nothing,
        price=pl.col("price").fill_null(0.0) if sources.currency is not None else nothing,
        trouble=pl.col("trouble").fill_null(value=False),
    ).sort("account")  # fmt: skip


def users_of_accounts(parts: Sequence[Parts], sources: Sources) -> tuple[pl.DataFrame, int]:
    """`user_id, account` (that of the user's latest line), and the number of users of several accounts.

    Raises InputError when more than half of the users of a log with accounts have several.
    """
    people = pl.concat([part.people for part in parts]).group_by("user_id").agg(accounts=pl.len())
    several = people.filter(pl.col("accounts") > 1)
    if 2 * several.height > people.height:
        first = several.sort("user_id").row(0, named=True)
        raise InputError(
            f"{sources.log.contract}: columns.account changes within a user: {several.height:,} of "
            f"{people.height:,} users have several accounts, such as {first['user_id']} with {first['accounts']}.\n"
            "An account is whom a user belongs to, such as a company. Name its column, or leave columns.account out."
        )
    return pl.concat([part.owned for part in parts]).select("user_id", "account"), several.height
