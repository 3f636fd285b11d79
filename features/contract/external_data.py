"""External data, by name and type: dated tables, calendars and attributes of users.

The stage `external` lists these values when it reads the tables. Features are made from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from features.names import plain

AttributeKind = Literal["number", "flag", "text", "date"]
SIGN_UP = "signed_up_at"
PLACES = ("country", "city")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of dated values, for all or by country or city; a value older than `max_age_days` is not used."""

    name: str
    by: Literal["date", "country", "city"]
    values: tuple[str, ...]
    max_age_days: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates known in advance; `by`: `all`, `country`, or the attribute that names the user's group."""

    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the users table. `values`: the texts that get a feature; `constant`: it never changes."""

    name: str
    kind: AttributeKind
    values: tuple[str, ...] = ()
    constant: bool = False

    def feature_of(self, value: str) -> str:
        """The name of the feature for the value `value` of the attribute."""
        return f"{plain(self.name)}_is_{plain(value)}"


@dataclass(frozen=True, slots=True)
class ExternalData:
    """All external data. `fills`: the `PLACES` that it gives for users whose events do not name one."""

    tables: tuple[Table, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    sign_up: bool = False
    fills: frozenset[str] = frozenset()

    def completed(self, features: Iterable[str], values: Mapping[str, Iterable[str]]) -> "ExternalData":
        """The external data with all values of text attributes that a model's `features` use.

        A table of users changes: a value may have become rare, or be gone. `values`: by attribute the values in the
        table. A value that is not in it has no user.
        """
        wanted = set(features)
        return replace(self, attributes=tuple(_completed(a, wanted, values) for a in self.attributes))


def _completed(attribute: Attribute, wanted: set[str], values: Mapping[str, Iterable[str]]) -> Attribute:
    start = attribute.feature_of("")
    listed = {attribute.feature_of(value) for value in attribute.values}
    lacking = (
        {name for name in wanted - listed if name.startswith(start)} if attribute.kind == "text" else set()
    )
    held = {attribute.feature_of(value): value for value in values.get(attribute.name, ())}
    added = tuple(held.get(name, name.removeprefix(start)) for name in sorted(lacking))
    return replace(attribute, values=(*attribute.values, *added))
