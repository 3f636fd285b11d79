"""The contract's sections `users` (a table of attributes with validity) and `country`.

Promise: a value of today in a table of users never counts as known earlier.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from features.contract.countries import country_code
from features.contract.external_data import PLACES, SIGN_UP
from features.contract.time import Time
from features.errors import ContractError
from features.names import plain

_OURS = ("from_day", "from_at", "to_day", "to_at")
KEYS = ("user_id", "valid_from", "valid_to")
_ENDINGS = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"}


class Users(BaseModel):
    """A table of users. `columns`: name to raw column; `constant`: the names that never change.

    The names `user_id`, `valid_from`, `valid_to`, `signed_up_at`, `country` and `city` have a meaning;
    any other is an attribute. A row counts from `valid_from` until `valid_to` or the user's next row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    """A .csv or .parquet file, or the SQL URL of a table."""
    format: Literal["parquet", "csv"] | None = None
    """How the file is stored, if its ending does not say it."""
    columns: dict[str, str | None]
    """By name the column of the table; other names than the six below are attributes."""
    constant: tuple[str, ...] = ()
    """The names whose value never changes; without `valid_from` all others are refused."""
    time: Time | None = None
    """How the table's own times are written; null: ISO 8601 in the zone of the log."""

    @property
    def named(self) -> dict[str, str]:
        """The names of the table with their raw columns."""
        return {name: raw for name, raw in self.columns.items() if raw is not None}

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names of the table's attributes."""
        return tuple(name for name in self.named if name not in KEYS)

    @property
    def stored_as(self) -> str | None:
        """`parquet` or `csv`, by `format` or the path's ending, or `sql` for a URL; null if all are unknown."""
        if "://" in self.path:
            return "sql"
        by_ending = (kind for ending, kind in _ENDINGS.items() if self.path.endswith(ending))
        return self.format or next(by_ending, None)

    @property
    def fills(self) -> frozenset[str]:
        """The places (country, city) that the table has."""
        return frozenset(PLACES) & frozenset(self.attributes)

    @property
    def sign_up(self) -> bool:
        """Whether the table has the sign-up time of a user."""
        return SIGN_UP in self.attributes


class Country(BaseModel):
    """The country of all users (`fixed`), and the ISO codes of the log's own country names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fixed: str | None = None
    """The country of all users, as its ISO code of two letters."""
    names: dict[str, str] = {}
    """The ISO codes of names that only this log uses."""

    def code(self, name: str) -> str | None:
        """The ISO code of a country as the log writes it; null when unknown."""
        return country_code(name, self.names)


def check_users(file: str, users: Users) -> None:
    """Raise ContractError when the section `users` of `file` contradicts itself, or would leak the future."""
    named = users.named
    if "user_id" not in named:
        raise ContractError(f"{file}: users.columns.user_id is missing.\nName the column that holds it.")
    if users.stored_as is None:
        raise ContractError(
            f"{file}: users.path = {users.path!r} does not say how the table is stored.\n"
            "Give a .csv or .parquet file, users.format, or the SQL URL of a table."
        )
    if users.stored_as == "sql" and users.format is not None:
        raise ContractError(
            f"{file}: users.format = {users.format}, and users.path is the URL of a table.\nLeave users.format out."
        )
    if not users.attributes:
        raise ContractError(
            f"{file}: users.columns names nothing but {', '.join(named)}.\nName attributes, or leave users out."
        )
    if "valid_to" in named and "valid_from" not in named:
        raise ContractError(
            f"{file}: users.columns has valid_to without valid_from.\nName the column with the start of validity."
        )
    _check_plain(file, users)
    unknown = [name for name in users.constant if name not in users.attributes]
    if unknown:
        raise ContractError(
            f"{file}: users.constant names {unknown[0]!r}, which is no attribute in users.columns.\n"
            f"Attributes: {', '.join(users.attributes)}. Correct or remove it."
        )
    changing = [name for name in users.attributes if name not in users.constant]
    if changing and "valid_from" not in named:
        raise ContractError(
            f"{file}: users.columns has no valid_from, and {', '.join(changing)} may change.\n"
            "Today's values were not known in the past. Name the column that says from when "
            f"a row is valid, or, if the values never change, write users.constant: [{', '.join(users.attributes)}]."
        )


def _check_plain(file: str, users: Users) -> None:
    named: dict[str, str] = {}
    for name in users.attributes:
        if not plain(name) or name in _OURS:
            raise ContractError(
                f"{file}: users.columns.{name}: an attribute needs a letter or a digit, and none of the names "
                f"{', '.join(_OURS)}.\nRename it."
            )
        if plain(name) in named:
            raise ContractError(
                f"{file}: users.columns has {named[plain(name)]!r} and {name!r}, which would both be {plain(name)!r}.\n"
                "Rename one of them."
            )
        named[plain(name)] = name


def check_country(file: str, country: Country) -> None:
    """Raise ContractError when the section `country` names a code that the package holidays does not know."""
    given: Mapping[str, str] = {"fixed": country.fixed} if country.fixed is not None else {}
    for key, code in [*given.items(), *((f"names.{name}", code) for name, code in country.names.items())]:
        if len(code) != 2 or country_code(code) != code:
            known = country_code(code)
            raise ContractError(
                f"{file}: country.{key} = {code!r} is no country that the package holidays knows.\n"
                f"Give its ISO 3166 code of two letters, such as {known or 'DE'}."
            )
