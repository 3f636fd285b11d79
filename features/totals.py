"""The columns that features are made of, by name: `orders@30d`, `orders@life`, `level@known`.

Promise: only this module writes and reads such names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

Which = Literal["day", "life", "since", "most", "previous", "fresh", "p90", "known", "external"]
"""`day`: the total of the day. `life`: up to the end of the day. `since`: days since the last day with any. `most`: the
largest total of one day so far. `previous`: the total of the previous login day. `fresh`: the total since that day.
`p90`: the 90th percentile over earlier login days. `known`: a state's last value. `external`: a value that does not
come from the log's events."""
_NUMBER_OF_DAYS = re.compile(r"([1-9]\d*)d")
_DAYS_WITH = "+"


@dataclass(frozen=True, slots=True)
class Total:
    """A measure, state or external value, over a `window`: a number of days that end with the row's day, or `Which`."""

    measure: str
    window: int | Which

    @property
    def column(self) -> str:
        """The name of the column.

        >>> Total("orders", 30).column, Total("orders", "life").column, Total("orders", "day").column
        ('orders@30d', 'orders@life', 'orders')
        """
        if self.window == "day":
            return self.measure
        return f"{self.measure}@{self.window}{'d' if isinstance(self.window, int) else ''}"

    @property
    def days(self) -> int:
        """The number of days of the window; 0 if it is not a number of days."""
        return self.window if isinstance(self.window, int) else 0

    @property
    def source(self) -> str:
        """The measure of a user-day: `orders` for `orders+`, the days with orders."""
        return self.measure.removesuffix(_DAYS_WITH)

    @property
    def counts_days(self) -> bool:
        """Whether it counts days with any of its source, instead of adding up amounts."""
        return self.measure.endswith(_DAYS_WITH)

    @staticmethod
    def parse(column: str) -> "Total | None":
        """The total in the column of that name; None if the name is not that of a total.

        >>> Total.parse("orders+@30d"), Total.parse("level@known"), Total.parse("orders@30")
        (Total(measure='orders+', window=30), Total(measure='level', window='known'), None)
        """
        measure, at, which = column.rpartition("@")
        if not at:
            return Total(column, "day")
        if match := _NUMBER_OF_DAYS.fullmatch(which):
            return Total(measure, int(match[1]))
        return next((Total(measure, one) for one in get_args(Which)[1:] if one == which), None)


def days_with(measure: str) -> str:
    """The measure that is 1 on a day with any of `measure`, else 0."""
    return f"{measure}{_DAYS_WITH}"


def totals_of(value: pl.Expr) -> list[Total]:
    """The totals in an expression; other names are left out."""
    parsed = (Total.parse(name) for name in value.meta.root_names())
    return [total for total in parsed if total is not None]


def look_back_days(values: Iterable[pl.Expr]) -> int:
    """The longest window of days of any of the expressions; 0 where none has one."""
    return max((total.days for value in values for total in totals_of(value)), default=0)


def known_column(state: str) -> str:
    """The column of the last value of `state`."""
    return Total(state, "known").column


def external_column(value: str) -> str:
    """The column of an external value."""
    return Total(value, "external").column
