"""Facts about listed users that are not of their rows: styles, attributes, carried columns, the last answer.

Promise: each is as known at the end of the list's day.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from features.advice.facts import FACTS
from pipeline.external.carried import CARRIED_FILE, carried_on
from pipeline.runner.local import over_buckets
from pipeline.storage.datasets import EXTERNAL_CHECKED, EXTERNAL_USERS
from pipeline.storage.frames import buckets_in, columns_of, read_bucket

_FROM_BESIDE = ("plan", "country")
"""Facts that are attributes of the users table, or columns that the list carries."""


def facts_beside(
    user_ids: pl.Series,
    profiles: pl.DataFrame,
    segments: Mapping[int, str],
    external_checked: Path,
    activity: Path,
    as_of: date,
) -> pl.DataFrame:
    """`style, play_style, segment, segment_text, days_since_answer`, and attributes and carried columns, of each user.

    In the order of `user_ids`. `profiles`: with style, play style and segment. `segments`: each in words. A name that
    is both an attribute and carried has the attribute's value; one that is also another fact is left out.
    """
    of_profile = profiles.select(
        "user_id",
        *(name for name in ("style", "play_style", "segment") if name in profiles.columns),
        segment_text=pl.col("segment").replace_strict(segments, default=None, return_dtype=pl.String),
    )
    users = (
        user_ids.alias("user_id").to_frame().join(of_profile, on="user_id", how="left", maintain_order="left")
    )
    for told in (
        _days_since_answer(activity, as_of),
        attributes_on(external_checked, as_of),
        carried_on(external_checked, as_of) if (external_checked / CARRIED_FILE).is_file() else None,
    ):
        if told is None:
            continue
        new = [
            name
            for name in told.columns
            if name not in users.columns
            and (name not in FACTS or name in (*_FROM_BESIDE, "days_since_answer"))
        ]
        users = users.join(told.select("user_id", *new), on="user_id", how="left", maintain_order="left")
    return users.drop("user_id")


def attributes_on(external_checked: Path, as_of: date) -> pl.DataFrame | None:
    """`user_id` and the attributes of the users table as of `as_of`; None for a log without such a table."""
    folder = external_checked / EXTERNAL_USERS.path.relative_to(EXTERNAL_CHECKED.path)
    if not folder.is_dir():
        return None

    def of_bucket(bucket: int) -> pl.DataFrame:
        rows = read_bucket(folder, bucket).filter(pl.col("from_day") <= as_of)
        return rows.sort("from_day", maintain_order=True).group_by("user_id", maintain_order=True).last()

    return pl.concat(over_buckets(of_bucket, buckets_in(folder))).drop("from_day")


def _days_since_answer(activity: Path, as_of: date) -> pl.DataFrame | None:
    """`user_id, days_since_answer` of users whose request was answered; None for a log without requests."""
    if "answer_hours" not in columns_of(activity):
        return None

    def of_bucket(bucket: int) -> pl.DataFrame:
        days = read_bucket(activity, bucket, ["user_id", "day", "answer_hours"])
        answered = days.filter(pl.col("answer_hours").is_not_null() & (pl.col("day") <= as_of))
        last = answered.group_by("user_id", maintain_order=True).agg(pl.col("day").max())
        return last.select("user_id", days_since_answer=(pl.lit(as_of) - pl.col("day")).dt.total_days())

    return pl.concat(over_buckets(of_bucket, buckets_in(activity)))
