"""External data, by name and type: dated tables, calendars and attributes of users.

The stage `external` lists these values when it reads the tables. Features are made from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from features.dated import DatedCalendar, DatedTable
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

    @classmethod
    def of(cls, entry: DatedTable) -> "Table":
        """The table that `entry` names."""
        return cls(entry.name, entry.by, entry.values, entry.max_age_days)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates known in advance; `by`: `all`, `country`, or the attribute that names the user's group."""

    name: str
    by: str

    @classmethod
    def of(cls, entry: DatedCalendar) -> "Calendar":
        """The calendar that `entry` names."""
        return cls(entry.name, entry.by)


@dataclass(frozen=True, slots=True)
class Choice:
    """The most common values of a text attribute, counted over the rows that are valid by `from_day`, or before."""

    from_day: date
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the users table. `values`: the texts that get a feature; `constant`: it never changes.

    `choices`: the values by the last day whose rows are counted, each until the next one. `values` then holds all of
    them. Empty when the values are chosen.
    """

    name: str
    kind: AttributeKind
    values: tuple[str, ...] = ()
    constant: bool = False
    choices: tuple[Choice, ...] = ()

    def feature_of(self, value: str) -> str:
        """The name of the feature for the value `value` of the attribute."""
        return f"{plain(self.name)}_is_{plain(value)}"

    def chosen_by(self, day: date) -> "Attribute":
        """The attribute with the values that were the most common ones by the end of `day`."""
        if not self.choices:
            return self
        known = [choice.values for choice in self.choices if choice.from_day <= day]
        return replace(self, values=known[-1] if known else (), choices=())


def attribute_of(
    name: str, kind: AttributeKind, choices: tuple[Choice, ...] = (), *, constant: bool = False
) -> Attribute:
    """The attribute with all values of `choices`."""
    values = {value for choice in choices for value in choice.values}
    return Attribute(name, kind, tuple(sorted(values)), constant, choices)


@dataclass(frozen=True, slots=True)
class ExternalData:
    """All external data. `fills`: the `PLACES` that it gives for users whose events do not name one."""

    tables: tuple[Table, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    sign_up: bool = False
    fills: frozenset[str] = frozenset()

    def chosen_by(self, day: date) -> "ExternalData":
        """The external data with the values of text attributes that were the most common ones by the end of `day`."""
        return replace(self, attributes=tuple(one.chosen_by(day) for one in self.attributes))

    def completed(self, features: Iterable[str], values: Mapping[str, Iterable[str]]) -> "ExternalData":
        """The external data with the values of text attributes that a model's `features` use, chosen for good.

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
    return replace(attribute, values=(*attribute.values, *added), choices=())
