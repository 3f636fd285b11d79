"""Tables and calendars of dated values beside a log, as a contract and params.yaml name them in `external`."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from features.errors import ContractError

_Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]


class DatedTable(BaseModel):
    """One of `external.tables`: numbers by date, for all users or by place; an older value is not used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    path: str
    by: Literal["date", "country", "city"]
    values: tuple[str, ...] = Field(min_length=1)
    max_age_days: int = Field(ge=1, le=3650)


class DatedCalendar(BaseModel):
    """One of `external.calendars`; `by`: all, country, or a text attribute of the contract's users table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    path: str
    by: str


class External(BaseModel):
    """Tables and calendars of this log beside its events; `external` in params.yaml adds to them.

    Copies to begin with lie in `data/contracts/templates`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: tuple[DatedTable, ...] = ()
    """Numbers by date, such as weather. `by`: `date`, `country` or `city`; `values`: the columns that get a feature;
    `max_age_days`: an older value is not used. The file has `date`, `known_at`, the values, and what `by` names."""
    calendars: tuple[DatedCalendar, ...] = ()
    """Dates known in advance, such as campaigns. `by`: `all`, `country`, or a text attribute of users. The file has
    `date`, `group` unless by `all`, and `known_at`, without which its dates count as known from ever."""


def check_named_once(named: Iterable[tuple[str, str]]) -> None:
    """Raise ContractError when two tables or calendars have one name. `named`: each name, and the key that gives it."""
    seen: dict[str, str] = {}
    for name, key in named:
        if name in seen:
            where = f"{key} names {name!r} twice"
            if seen[name] != key:
                where = f"{seen[name]} and {key} both name {name!r}"
            raise ContractError(f"{where}.\nGive each table and calendar a name of its own.")
        seen[name] = key


def keys_by_name(
    tables: Iterable[DatedTable], calendars: Iterable[DatedCalendar], file: str
) -> list[tuple[str, str]]:
    """The name of each entry, with the key of `file` that gives it, for `check_named_once`."""
    of_tables = [(one.name, f"{file}: external.tables") for one in tables]
    return of_tables + [(one.name, f"{file}: external.calendars") for one in calendars]
