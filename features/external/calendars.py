"""Calendars known in advance, for all or for the group a user belongs to: a course, a season, a patch plan."""

from collections.abc import Iterable

import polars as pl

from features.contract.external_data import Calendar, ExternalData
from features.define import Feature, external
from features.totals import external_column, known_column


def calendar_features(external_data: ExternalData) -> tuple[Feature, ...]:
    """Four features for each calendar: days since and to its dates, position and step in it."""
    return tuple(feature for calendar in external_data.calendars for feature in _features(calendar))


def with_calendar(rows: pl.DataFrame, calendar: Calendar, dates: pl.DataFrame) -> pl.DataFrame:
    """`rows` (`day`, and the column with the user's group) with the position of the day in the calendar.

    `dates`: `date`, `known_day` (the first day at whose end it was known; null: known in advance), and `group`
    unless the calendar is everybody's. Only dates known by the day's end count.
    """
    key = _group_of(calendar)
    by = () if key is None else ("group",)
    keyed = rows if key is None else rows.with_columns(pl.col(key).alias("group"))
    wanted = keyed.select("day", *by).unique().drop_nulls()
    met = wanted.join(dates, on="group") if by else wanted.join(dates, how="cross")
    known = met.filter(pl.col("known_day").is_null() | (pl.col("known_day") <= pl.col("day")))
    placed = known.group_by("day", *by).agg(**_places(calendar))
    return keyed.join(placed, on=["day", *by], how="left", maintain_order="left").drop(by)


def _group_of(calendar: Calendar) -> str | None:
    """The column with the group of the user; None if all users have the same dates."""
    return {"all": None, "country": known_column("country")}.get(
        calendar.by, external_column(f"user.{calendar.by}")
    )


def _places(calendar: Calendar) -> dict[str, pl.Expr]:
    date, day = pl.col("date"), pl.col("day").first()
    past = date <= pl.col("day")
    whole = (date.max() - date.min()).dt.total_days()
    share = ((day - date.min()).dt.total_days() / whole).clip(0, 1)
    values = {
        "since": (day - date.filter(past).max()).dt.total_days(),
        "to": (date.filter(~past).min() - day).dt.total_days(),
        "position": pl.when(whole > 0).then(share),
        "step": past.sum().cast(pl.Int64),
    }
    return {external_column(f"calendar.{calendar.name}.{name}"): value for name, value in values.items()}


def _features(calendar: Calendar) -> Iterable[Feature]:
    name, words = calendar.name, calendar.name.replace("_", " ")
    nothing = f"the calendar {words} has no date for the user yet"

    def value(which: str) -> pl.Expr:
        return external(f"calendar.{name}.{which}")

    yield Feature(
        name=f"{name}_days_since",
        value=value("since"),
        dimension="context",
        form="days_since",
        worse="either",
        cause="SURROUNDINGS",
        unit="days",
        moves=True,
        says=f"the last date of {words} was {{value:.0f}} days ago",
        says_missing=f"no date of {words} has come yet",
    )
    yield Feature(
        name=f"{name}_days_to",
        value=value("to"),
        dimension="context",
        form="days_to",
        worse="either",
        cause="SURROUNDINGS",
        unit="days",
        moves=True,
        says=f"the next date of {words} is in {{value:.0f}} days",
        says_missing=f"no further date of {words} is known",
    )
    yield Feature(
        name=f"{name}_position",
        value=value("position"),
        dimension="context",
        form="share",
        worse="either",
        cause="SURROUNDINGS",
        unit="0 to 1",
        moves=True,
        says=f"{{value:.0%}} of the way through {words}",
        says_missing=nothing,
    )
    yield Feature(
        name=f"{name}_step",
        value=value("step"),
        dimension="context",
        form="count",
        worse="either",
        cause="SURROUNDINGS",
        unit="dates",
        moves=True,
        says=f"{{value:.0f}} dates of {words} so far",
        says_missing=nothing,
    )
