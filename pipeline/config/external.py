"""The section `external` of params.yaml: tables and calendars beside the log."""

from typing import Literal

from pydantic import Field

from pipeline.config.section import Days, Section, SnakeName


class DatedTable(Section):
    """One of `external.tables`."""

    name: SnakeName
    path: str
    by: Literal["date", "country", "city"]
    values: tuple[str, ...] = Field(min_length=1)
    max_age_days: Days


class DatedCalendar(Section):
    """One of `external.calendars`; `by`: all, country, or a text attribute of the contract's users table."""

    name: SnakeName
    path: str
    by: str


class External(Section):
    tables: tuple[DatedTable, ...]
    calendars: tuple[DatedCalendar, ...]
