"""The users of a bucket: their login days, whether they are older than the log, their cohorts, and their attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.contract.external_data import SIGN_UP
from models.arrays import Flags
from models.business.customers import Logins
from models.business.groups import GROUPS, Members
from models.labels.sequence import day_number
from pipeline.business.sources import Sources
from pipeline.learning.landmarks import read_visits
from pipeline.log.external_data import users_in
from pipeline.storage.frames import bucket_file, columns_of, read_bucket
from pipeline.storage.partitioning import bucket_of

WANTED = ("user_id", "day", "logins", "revenue", "refunds", "orders", "score", "country")


@dataclass(frozen=True, slots=True)
class Users:
    """The users of a bucket by number. `table`: `user_id, user, first_day, signed_up` (numbered days) and attributes.

    `days`: their user-days with `user`. `older`: (users,) whether a user is older than the log.
    """

    table: pl.DataFrame
    members: Members
    days: pl.DataFrame
    logins: Logins
    older: Flags


def read_users(sources: Sources, bucket: int) -> Users:
    """The users of a bucket who have ever logged in, without visitors who are known as somebody else by now.

    Login days are those on which users really came, if lines arrive late.
    """
    folder = sources.folders.activity
    names = [name for name in WANTED if name in columns_of(bucket_file(folder, bucket))]
    days = read_bucket(folder, bucket, names)
    linked = read_bucket(sources.folders.anonymous, bucket).drop_nulls("known_day")
    if linked.height:
        known = linked.filter(pl.col("known_day") <= sources.log_end)
        days = days.join(known, on="user_id", how="anti", maintain_order="left")
    came = read_visits(sources.folders.visits, bucket)
    logins = days.filter(pl.col("logins") == 1) if came is None else came
    logins = logins.filter(pl.col("day") <= sources.log_end).select("user_id", "day")
    firsts = logins.group_by("user_id", maintain_order=True).agg(first_day=pl.col("day").min())
    table = firsts.sort("user_id").with_row_index("user").with_columns(pl.col("user").cast(pl.Int64))
    table = _with_attributes(sources, bucket, table)
    numbers = table.select("user_id", "user")
    logins = logins.join(numbers, on="user_id", how="inner").sort("user", "day")
    return Users(
        table,
        Members(bucket_of(table["user_id"], GROUPS).cast(pl.Int64).to_numpy()),
        days.join(numbers, on="user_id", how="inner", maintain_order="left"),
        Logins(logins["user"].to_numpy(), logins["day"].to_physical().cast(pl.Int64).to_numpy()),
        _older(sources, table),
    )


def _with_attributes(sources: Sources, bucket: int, table: pl.DataFrame) -> pl.DataFrame:
    """`table` with `signed_up`, and the attributes of `business.cohorts_by` as they were known on the first day."""
    by = list(sources.settings.cohorts_by)
    attributes = users_in(sources.folders.external, bucket)
    held = [] if attributes is None else [name for name in (SIGN_UP, *by) if name in attributes.columns]
    known = table
    if attributes is not None and held:
        known = table.sort("first_day").join_asof(
            attributes.select("user_id", "from_day", *held).sort("from_day"),
            left_on="first_day", right_on="from_day", by="user_id", check_sortedness=False,
        ).sort("user")  # fmt: skip
    missing = [pl.lit(None, pl.Date).alias(SIGN_UP)] if SIGN_UP not in known.columns else []
    told = known.with_columns(
        *missing, *(pl.lit(None, pl.String).alias(n) for n in by if n not in known.columns)
    )
    number = pl.col(SIGN_UP).to_physical().cast(pl.Int64)
    return told.with_columns(
        first_day=pl.col("first_day").to_physical().cast(pl.Int64),
        # Whoever came before the recorded sign-up signed up by then.
        signed_up=pl.when(pl.col(SIGN_UP) <= pl.col("first_day")).then(number),
    ).select("user_id", "user", "first_day", "signed_up", *by)


def _older(sources: Sources, table: pl.DataFrame) -> Flags:
    start, until = day_number(sources.facts.log_start), day_number(sources.before_log_until)
    signed_up = pl.col("signed_up")
    older = pl.when(signed_up.is_null()).then(pl.col("first_day") < until).otherwise(signed_up < start)
    return table.select(older).to_series().to_numpy().astype(bool)


def cohort_users(sources: Sources, users: Users, lost_day: np.ndarray, by: Sequence[str]) -> pl.DataFrame:
    """`user, cohort, lost` and the columns `by`, as `models/business/cohorts.cohort_parts` has them.

    `lost_day`: (users,) the first day after the last span; later than the log: not lost.
    """
    periods = sources.periods(sources.settings.period)
    table = users.table
    started = table["signed_up"].fill_null(table["first_day"]).to_numpy()
    apart = users.older & table["signed_up"].is_null().to_numpy()
    lost = lost_day <= day_number(sources.log_end)
    return table.select("user", *by).with_columns(
        cohort=pl.when(pl.Series(~apart, dtype=pl.Boolean)).then(pl.Series(periods.number_of(started))),
        lost=pl.when(pl.Series(lost, dtype=pl.Boolean)).then(pl.Series(periods.number_of(lost_day))),
    )
