"""What is known from outside the log: tables, calendars and attributes of users, by name and type.

These are values of a run, told by the stage that has looked at the tables; features are made from them.
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
    """A table of dated values, for all or by country or city; a value older than `max_age_days` is none."""

    name: str
    by: Literal["date", "country", "city"]
    values: tuple[str, ...]
    max_age_days: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates known in advance; `by`: `all`, `country`, or the attribute that says which group's they are."""

    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the users table. `values`: of a text, those that get a feature; `constant`: never changes."""

    name: str
    kind: AttributeKind
    values: tuple[str, ...] = ()
    constant: bool = False

    def feature_of(self, value: str) -> str:
        """The name of the feature that says whether the attribute is `value`."""
        return f"{plain(self.name)}_is_{plain(value)}"


@dataclass(frozen=True, slots=True)
class ExternalData:
    """All that is told; `fills`: which of `PLACES` is known of users whose events do not tell it."""

    tables: tuple[Table, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    sign_up: bool = False
    fills: frozenset[str] = frozenset()

    def completed(self, features: Iterable[str], values: Mapping[str, Iterable[str]]) -> "ExternalData":
        """With the values of text attributes that a model's `features` ask for, though they are not told.

        A table of users lives on: a value may be no longer among the common ones, or gone. `values`: by
        attribute those that the table holds; a value that it does not hold is nobody's.
        """
        asked = set(features)
        return replace(self, attributes=tuple(_completed(a, asked, values) for a in self.attributes))


def _completed(attribute: Attribute, asked: set[str], values: Mapping[str, Iterable[str]]) -> Attribute:
    start = attribute.feature_of("")
    told = {attribute.feature_of(value) for value in attribute.values}
    lacking = {name for name in asked - told if name.startswith(start)} if attribute.kind == "text" else set()
    held = {attribute.feature_of(value): value for value in values.get(attribute.name, ())}
    added = tuple(held.get(name, name.removeprefix(start)) for name in sorted(lacking))
    return replace(attribute, values=(*attribute.values, *added))
