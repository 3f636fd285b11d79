"""The kinds of data set, and how one is cut in time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl

from pipeline.storage.schema import Schema

UTC_INSTANT: Final = pl.Datetime("us", "UTC")
NO_COLUMNS: Final = Schema({})


@dataclass(frozen=True, slots=True)
class Before:
    """Cut in time: the rows whose `column` (instant) lies before the end of the day."""

    column: str


Cut = Before | Literal["log_end", "known_day", "nothing"]
"""How a data set is cut to what was known at the end of a day.

`log_end`: JSON whose `log_end` becomes that day. `known_day`: Parquet files, cut to the rows that are known by that
day. `nothing`: not cut, since it holds names of columns and no values.
"""


@dataclass(frozen=True, slots=True)
class DataSet:
    """`path`: from the project's root. `stage`: the stage that writes it; empty: a person. `cut_by`: None when no
    replayed stage reads it.
    """

    path: Path
    stage: str
    cut_by: Cut | None = None
    holds_user_ids: bool = False


@dataclass(frozen=True, slots=True)
class Buckets(DataSet):
    """A folder with one Parquet file per bucket of users."""

    schema: Schema = NO_COLUMNS


@dataclass(frozen=True, slots=True)
class Table(DataSet):
    """One Parquet file."""

    schema: Schema = NO_COLUMNS


@dataclass(frozen=True, slots=True)
class Json(DataSet):
    """One JSON file."""


@dataclass(frozen=True, slots=True)
class Csv(DataSet):
    """One CSV file."""


@dataclass(frozen=True, slots=True)
class Page(DataSet):
    """One file for people: HTML or Markdown."""


@dataclass(frozen=True, slots=True)
class Folder(DataSet):
    """A folder of several files. A file that another stage reads has its own declaration."""
