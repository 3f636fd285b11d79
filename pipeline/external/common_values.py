"""Which values of a text attribute are the most common ones, by the day up to which users are counted.

Promise: the choice of a day counts no row that is valid only later. So the future does not choose the features.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from features.contract.external_data import Choice
from features.names import plain
from pipeline.errors import InputError

MOST_VALUES = 12
"""At most this number of values of a text attribute, the most common ones, get a feature each."""


def common_values(held: pl.DataFrame, name: str, path: str) -> tuple[Choice, ...]:
    """The most common values of the attribute `name`, by users, for each day on which they change.

    `held`: `user_id, value, day`; a user counts for a value from the first `day` on. Equally common values are taken
    in the order of the alphabet; a single value is no choice. Raises InputError when the features of two of them would
    have the same name, or when one has no letter or digit.
    """
    first = held.drop_nulls().group_by("user_id", "value").agg(pl.col("day").min())
    new_users = first.group_by("day", "value").len().sort("day", "value")
    choices = [Choice(day, values if len(values) > 1 else ()) for day, values in _changes(new_users)]
    _check_names(name, {value for choice in choices for value in choice.values}, path)
    return tuple(choices)


def _changes(new_users: pl.DataFrame) -> Iterator[tuple[date, tuple[str, ...]]]:
    """Each day on which the most common values become others, with these values, sorted.

    Counts only grow, so a value enters only on a day on which its own count grows.
    """
    users: Counter[str] = Counter()
    chosen: set[str] = set()
    for (day,), part in new_users.group_by("day", maintain_order=True):
        grown = dict(part.select("value", "len").iter_rows())
        users.update(grown)
        ranked = sorted(chosen | grown.keys(), key=lambda value: (-users[value], value))
        if set(ranked[:MOST_VALUES]) != chosen:
            chosen = set(ranked[:MOST_VALUES])
            yield day, tuple(sorted(chosen))


def _check_names(name: str, values: Iterable[str], path: str) -> None:
    value_of: dict[str, str] = {}
    for value in sorted(values):
        feature = f"{plain(name)}_is_{plain(value)}"
        if not plain(value) or feature in value_of:
            both = (
                f"the values {value_of[feature]!r} and {value!r}, which"
                if feature in value_of
                else f"{value!r}, which"
            )
            raise InputError(
                f"{path}: {name} has {both} would {'both ' * (feature in value_of)}be {feature}.\n"
                "Use other letters or digits: each feature needs its own name."
            )
        value_of[feature] = value
