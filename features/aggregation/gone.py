"""Regular counterparts who have stopped coming to the service altogether, whoever they were in touch with.

Their absences come from other buckets of users: a small table, handed to each bucket. Promise: the number of a day
depends on that day and earlier ones only; an absence counts from the day on which it has lasted long enough.
"""

from collections.abc import Iterable

import polars as pl

from features.aggregation.contacts import REGULAR_DAYS

GONE_DAYS = 14
"""Who has not come for more days than this is gone until the next login."""
GONE = "gone_counterparts"
ABSENCES = pl.Schema({"user_id": pl.String(), "gone_from": pl.Date(), "back_on": pl.Date()})
"""The absences of users: from the first day on which each is gone until the day of the next login (null: none yet)."""


def absences_of(days: pl.DataFrame) -> pl.DataFrame:
    """The absences (`ABSENCES`) of the users of `days`, user-days sorted by user and day."""
    logins = days.filter(pl.col("logins") == 1).select(
        "user_id", "day", back_on=pl.col("day").shift(-1).over("user_id")
    )
    gone = logins.with_columns(gone_from=pl.col("day") + pl.duration(days=GONE_DAYS + 1)).filter(
        pl.col("back_on").is_null() | (pl.col("back_on") > pl.col("gone_from"))
    )
    return gone.select(*ABSENCES)


def all_absences(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The absences of all users, from those of each bucket."""
    return pl.concat([pl.DataFrame(schema=ABSENCES), *parts])


def with_gone(days: pl.DataFrame, events: pl.DataFrame, absences: pl.DataFrame) -> pl.DataFrame:
    """`days` with GONE (Int64): the number of the user's regular counterparts who are gone at the day's end.

    `days`: user-days, sorted. `events`: own and received ones with `day`, of the same users. `absences`: of all users
    (`ABSENCES`). A counterpart is regular from the third day with contact on.
    """
    changes = _changes(_regular(events), absences)
    counted = (
        days.select("user_id", "day")
        .with_row_index("row")
        .sort("day")
        .join_asof(changes, on="day", by="user_id", check_sortedness=False)
        .sort("row")
    )
    return days.with_columns(counted[GONE].fill_null(0).alias(GONE))


def _regular(events: pl.DataFrame) -> pl.DataFrame:
    """`user_id, counterpart, since`: the pairs that are regular, with the day on which they became so."""
    met = (
        events.filter(pl.col("counterpart").is_not_null() & (pl.col("counterpart") != pl.col("user_id")))
        .select("user_id", "counterpart", "day")
        .unique()
    )
    return (
        met.sort("day")
        .group_by("user_id", "counterpart", maintain_order=True)
        .agg(since=pl.col("day").get(REGULAR_DAYS - 1, null_on_oob=True))
        .drop_nulls("since")
    )


def _changes(regular: pl.DataFrame, absences: pl.DataFrame) -> pl.DataFrame:
    """`user_id, day` and GONE from that day on, sorted by day. The order of the pairs changes nothing."""
    away = regular.join(absences, left_on="counterpart", right_on="user_id").select(
        "user_id", "back_on", begins=pl.max_horizontal("gone_from", "since")
    )
    met_again = pl.col("back_on") <= pl.col("begins")  # back before the pair was regular
    lasting = away.filter(pl.col("back_on").is_null() | ~met_again)
    moves = pl.concat(
        [
            lasting.select("user_id", day="begins", change=pl.lit(1, pl.Int64)),
            lasting.drop_nulls("back_on").select("user_id", day="back_on", change=pl.lit(-1, pl.Int64)),
        ]
    )
    summed = moves.group_by("user_id", "day").agg(pl.col("change").sum()).sort("user_id", "day")
    return summed.select("user_id", "day", pl.col("change").cum_sum().over("user_id").alias(GONE)).sort("day")
