"""Cohorts: users by the period in which they signed up, and what became of them.

Promise: the number of users of a cohort is the same in all its rows. Users who are older than the log and whose day of
sign-up is not known stand apart, as `before the log`: they are in no cohort. A cell is null unless every member has
lived its period to the end.
"""

from collections.abc import Sequence

import polars as pl

from models.business.periods import Periods, label_of

BEFORE_THE_LOG = "before the log"
ALL = "all"
COHORTS = pl.Schema(
    {
        "cohort": pl.String(),
        "by": pl.String(),
        "group": pl.String(),
        "age": pl.Int64(),
        "users": pl.Int64(),
        "active": pl.Int64(),
        "retained": pl.Float64(),
        "surviving": pl.Float64(),
        "revenue_per_user": pl.Float64(),
        "complete": pl.Boolean(),
    }
)
_KEYS = ("by", "group", "cohort")
_MINOR = 100


def cohort_parts(
    users: pl.DataFrame, lived: pl.DataFrame, by: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of the users of a bucket: `by, group, cohort, users`, and `by, group, cohort, period, active, net, lost`.

    `users`: `user, cohort` (number of a period; null: before the log), `lost` (number of the period in which a user was
    lost for good; null: not lost) and the columns `by`. `lived`: `user, period` (number), `active` (0 or 1) and `net`
    (minor units), each user and period once.
    """
    lost = users.drop_nulls("lost").select("user", period="lost", lost=pl.lit(1, pl.Int64))
    told = lived.join(lost, on=["user", "period"], how="full", coalesce=True).with_columns(
        pl.col("active", "net", "lost").fill_null(0)
    )
    sizes, cells = [], []
    for name in (ALL, *by):
        group = pl.lit("") if name == ALL else pl.col(name).cast(pl.String).fill_null("unknown")
        keyed = users.select("user", "cohort", by=pl.lit(name), group=group)
        sizes.append(keyed.group_by(_KEYS).agg(users=pl.len().cast(pl.Int64)))
        joined = told.join(keyed, on="user")
        cells.append(joined.group_by(*_KEYS, "period").agg(pl.col("active", "net", "lost").sum()))
    return pl.concat(sizes), pl.concat(cells)


def cohort_table(sizes: pl.DataFrame, cells: pl.DataFrame, periods: Periods, *, paid: bool) -> pl.DataFrame:
    """`COHORTS`, sorted, from the parts of all buckets. `paid`: whether the log has amounts.

    `retained`: active in the period of this age, whoever was away before. `surviving`: not lost for good by its end;
    members of a cohort leave the log together, so the product of Kaplan and Meier (1958) is this share. It is not known
    for cohorts older than the log, of whom the log has only those who were still there. The ages of `before the log`
    count from the log's first period.
    """
    first, count = periods.first_number, len(periods)
    whole = pl.Series(~periods.partial, dtype=pl.Boolean)
    users = sizes.group_by(_KEYS).agg(pl.col("users").sum())
    numbers = pl.DataFrame(
        {"period": range(first, first + count), "complete": whole}, schema_overrides={"period": pl.Int64}
    )
    summed = cells.group_by(*_KEYS, "period").agg(pl.col("active", "net", "lost").sum())
    started = pl.coalesce("cohort", pl.lit(first, pl.Int64))
    grid = users.join(numbers, how="cross").filter(pl.col("period") >= started)
    rows = grid.join(summed, on=[*_KEYS, "period"], how="left", nulls_equal=True).with_columns(
        pl.col("active", "net", "lost").fill_null(0), age=pl.col("period") - started
    )
    rows = rows.sort("by", "group", "cohort", "age", nulls_last=True).with_columns(
        gone=pl.col("lost").cum_sum().over(_KEYS)
    )
    lived, in_log = pl.col("complete"), pl.col("cohort") >= first
    net = pl.col("net") / pl.col("users") / _MINOR
    cohorts = sorted(users["cohort"].drop_nulls().unique())
    names = {number: label_of(periods.grain, number) for number in cohorts}
    return (
        rows.with_columns(
            cohort=pl.col("cohort").replace_strict(names, default=BEFORE_THE_LOG, return_dtype=pl.String),
            active=pl.when(lived).then("active"),
            retained=pl.when(lived).then(pl.col("active") / pl.col("users")),
            surviving=pl.when(lived & in_log).then(1 - pl.col("gone") / pl.col("users")),
            revenue_per_user=pl.when(lived & paid).then(net),
        )
        .select(*COHORTS)
        .cast(dict(COHORTS.items()))
    )
