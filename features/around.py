"""What is known outside the log, joined to login rows in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from features.attributes import attribute_features, with_attributes, with_places
from features.calendars import calendar_features, with_calendar
from features.dated import dated_features, with_table
from features.define import Feature
from features.told import Outside


@dataclass(frozen=True, slots=True)
class Around:
    """The frames behind what is told: of users (`with_attributes`), tables and calendars by their names.

    `country`: the ISO code of all users, if one is fixed.
    """

    told: Outside = field(default_factory=Outside)
    country: str | None = None
    users: pl.DataFrame | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    calendars: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def outside_features(told: Outside) -> tuple[Feature, ...]:
    """The features made for what is told from outside the log: attributes, dated values, calendars."""
    return (*attribute_features(told), *dated_features(told), *calendar_features(told))


def with_around(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    """`rows` (`user_id, day`, sorted; `country@known`, `city@known` where the log tells them) with all of `around`.

    Adds columns named `...@outside`, and what is known of users' places where their events tell none.
    """
    if around.users is not None:
        rows = with_attributes(rows, around.users)
    rows = with_places(rows, around.country)
    for table in around.told.tables:
        rows = with_table(rows, table, around.tables[table.name])
    for calendar in around.told.calendars:
        rows = with_calendar(rows, calendar, around.calendars[calendar.name])
    return rows
