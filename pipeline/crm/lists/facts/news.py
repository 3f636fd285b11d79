"""What is new since a user left: kinds of event, plans and the like, and dates of calendars.

Promise: something is new only if the log shows that it was not there before, and nothing after the list's day counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.names import words_of
from pipeline.crm.lists.facts.purpose import purposes
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import buckets_in, columns_of, read_bucket

UNSEEN_DAYS = 28
"""What the log has not seen for so long at its beginning was not there: a rare thing would have come up."""
LEAST_USERS = 20
"""What fewer users have used may be a trial or a slip."""
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class News:
    """Something new: what it is called, and the first day on which the log has it."""

    says: str
    first_day: date


@dataclass(frozen=True, slots=True)
class Dates:
    """A calendar. `by`: `all`, or the column with the group of a user. `dates`: `date, known_day` and `group`."""

    name: str
    by: str
    dates: pl.DataFrame


def new_kinds(activity: Path, contract: Contract, log_start: date, as_of: date) -> list[News]:
    """The kinds of event that began during the log, the newest first. `activity`: the folder of user-days."""
    kinds = purposes(contract, columns_of(activity))
    if not kinds:
        return []

    def of_bucket(bucket: int) -> pl.DataFrame:
        days = read_bucket(activity, bucket, ["user_id", "day", *kinds.values()]).filter(
            pl.col("day") <= as_of
        )
        return pl.concat(
            [
                days.filter(pl.col(name) > 0).select(
                    value=pl.lit(words_of(kind, contract.words).many),
                    first_day=pl.col("day").min(),
                    users=pl.col("user_id").n_unique(),
                )
                for kind, name in kinds.items()
            ]
        )

    return begun(over_buckets(of_bucket, buckets_in(activity)), log_start)


def new_values(users: Path, names: Sequence[str], log_start: date, as_of: date) -> list[News]:
    """The values of the text attributes `names` that began during the log, such as a plan, the newest first.

    `users`: the folder of the attributes of users, by bucket, with the day `from_day` from which each is known.
    """
    if not names:
        return []

    def of_bucket(bucket: int) -> pl.DataFrame:
        rows = read_bucket(users, bucket, ["user_id", "from_day", *names]).filter(pl.col("from_day") <= as_of)
        counted = [
            rows.drop_nulls(name)
            .group_by(pl.format(f"{name.replace('_', ' ')} {{}}", pl.col(name)).alias("value"))
            .agg(first_day=pl.col("from_day").min(), users=pl.col("user_id").n_unique())
            for name in names
        ]
        return pl.concat(counted)

    return begun(over_buckets(of_bucket, buckets_in(users)), log_start)


def begun(parts: Sequence[pl.DataFrame], log_start: date) -> list[News]:
    """What began during the log. `parts`: `value, first_day, users`, of different users each."""
    seen = pl.concat(parts).drop_nulls("first_day")
    every = seen.group_by("value").agg(pl.col("first_day").min(), pl.col("users").sum())
    new = every.filter(
        (pl.col("first_day") >= log_start + timedelta(days=UNSEEN_DAYS)) & (pl.col("users") >= LEAST_USERS)
    ).sort(["first_day", "value"], descending=[True, False])
    return [News(value, day) for value, day in new.select("value", "first_day").iter_rows()]


def new_since(left: pl.DataFrame, news: Sequence[News], calendars: Sequence[Dates], as_of: date) -> pl.Series:
    """In words what is new for each user since the day `left_on`; null where nothing is.

    `left`: `left_on`, and the columns with the users' groups that calendars name. Three things at most are named, those
    of the log first, the newest first.
    """
    groups = sorted({one.by for one in calendars if one.by != "all" and one.by in left.columns})
    keys = ["left_on", *groups]
    alike = left.select(keys).unique()
    said = [_said(row, news, calendars, as_of) for row in alike.iter_rows(named=True)]
    texts = alike.with_columns(pl.Series("new_since", said, dtype=pl.String))
    return left.join(texts, on=keys, how="left", maintain_order="left", nulls_equal=True)["new_since"]


def _said(
    user: Mapping[str, date | str | None], news: Sequence[News], calendars: Sequence[Dates], as_of: date
) -> str | None:
    left_on = user["left_on"]
    if not isinstance(left_on, date):
        return None
    things = [one.says for one in news if left_on < one.first_day <= as_of]
    for calendar in calendars:
        group = (
            pl.lit(value=True) if calendar.by == "all" else pl.col("group") == pl.lit(user.get(calendar.by))
        )
        known = pl.col("known_day").is_null() | (pl.col("known_day") <= as_of)
        passed = (pl.col("date") > left_on) & (pl.col("date") <= as_of)
        days = calendar.dates.filter(known & passed & group)["date"].unique().sort()
        if days.len():
            things.append(_dates(calendar.name, days.to_list()))
    return ", ".join(things[:_MOST_NAMED]) or None


def _dates(name: str, days: Sequence[date]) -> str:
    """ "season of 12 March", "season of 12 March and 2 earlier dates"."""
    last, earlier = days[-1], len(days) - 1
    more = f" and {earlier} earlier date{'s' if earlier > 1 else ''}" if earlier else ""
    return f"{name.replace('_', ' ')} of {last.day} {last:%B}{more}"
