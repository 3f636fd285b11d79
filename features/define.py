"""The vocabulary of a feature: totals of a day, and windows that look back.

A feature is an ordinary Polars expression over columns that these functions name. None of them
names anything after the end of the login day, so a feature in this vocabulary cannot look into the future. Every
window is "the n days that end with the login day".
"""

from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from features.names import decayed_state
from features.totals import Total, days_with

__all__ = [
    "DIMENSIONS", "LIST_DIMENSIONS", "LONG_WINDOWS", "Cause", "Dimension", "Feature", "Form", "Worse", "before",
    "days_with", "decayed", "external", "fresh", "last_known", "life", "login_day", "most", "past", "previous", "ratio",
    "since", "today", "usual_most",
]  # fmt: skip

Dimension = Literal[
    "rhythm", "intensity", "progress", "social", "spending", "breadth", "satisfaction", "context", "silence"
]
LIST_DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
"""The dimensions of the list's numbers. `silence`, the time since the last login, is none of a login."""
DIMENSIONS = LIST_DIMENSIONS[:-1]
"""The dimensions of a login's number."""
Form = Literal[
    "count", "duration", "money", "share", "ratio", "rate", "score", "flag", "days_since", "days_to", "number"
]
"""The kind of a feature's numbers.

`count`: whole things; `duration`: a length of time in the feature's unit; `money`: of the reporting currency.
`share`: a part of a whole, 0 to 1, read as a percentage; `ratio`: one amount over another of the same unit;
`rate`: an amount for each unit of another. `score`: a position on a scale; `flag`: 1 or 0.
`days_since`, `days_to`: a clock that runs on by itself. `number`: any other, as a table gives it.
"""
Worse = Literal["low", "high", "either"]
Cause = Literal[
    "NEWCOMER", "NO_HABIT", "COMES_LESS",
    "LITTLE_SO_FAR", "DOES_LESS",
    "ONBOARDING_STALLS", "STUCK",
    "UNANSWERED", "ALONE",
    "REFUNDED", "SUBSCRIPTION_LAPSES", "PAYS_LESS",
    "NARROW_USE",
    "SUPPORT_WAITS", "UNHAPPY",
    "PRICES_ROSE", "CALENDAR", "SERVICE_FADES", "SURROUNDINGS",
]  # fmt: skip
"""The codes of the causes of leaving; features.advice.causes says what each means. They are stable."""


LONG_WINDOWS = (120, 240, 365)
"""Windows of logs that are at least twice as long, in days."""


def today(measure: str) -> pl.Expr:
    """The total of the login day."""
    return pl.col(measure)


def past(measure: str, days: int) -> pl.Expr:
    """The total over the `days` days that end with the login day."""
    return pl.col(Total(measure, days).column)


def before(measure: str, days: int) -> pl.Expr:
    """The total over the `days` days before those of `past(measure, days)`."""
    return past(measure, 2 * days) - past(measure, days)


def life(measure: str) -> pl.Expr:
    """The total from the user's first day to the end of the login day."""
    return pl.col(Total(measure, "life").column)


def previous(measure: str) -> pl.Expr:
    """The total of the previous login day, missing at the first."""
    return pl.col(Total(measure, "previous").column)


def fresh(measure: str) -> pl.Expr:
    """The total over the days after the previous login day, up to this one; missing at the first."""
    return pl.col(Total(measure, "fresh").column)


def most(measure: str) -> pl.Expr:
    """The largest total of one day so far."""
    return pl.col(Total(measure, "most").column)


def usual_most(measure: str) -> pl.Expr:
    """The 90th percentile of the positive totals of all earlier login days; missing if there is none."""
    return pl.col(Total(measure, "p90").column)


def since(measure: str) -> pl.Expr:
    """Days since the last day with any of `measure`: 0 for the login day, missing for never."""
    return pl.col(Total(measure, "since").column)


def last_known(state: str) -> pl.Expr:
    """The last known value at the end of the login day, missing when there is none."""
    return pl.col(Total(state, "known").column)


def external(value: str) -> pl.Expr:
    """An external value, as known at the end of the login day."""
    return pl.col(Total(value, "external").column)


def decayed(measure: str, days: int) -> pl.Expr:
    """The recent level of `measure`: from login to login it moves half of the way to the new value in `days` days."""
    return last_known(decayed_state(measure, days))


def login_day() -> pl.Expr:
    """The date of the login day."""
    return pl.col("day")


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """`part / whole`, missing where `whole` is zero."""
    return pl.when(whole != 0).then(part / whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column of the login rows, and its sentence for people.

    `form`: the kind of its numbers. `worse`: the side of the usual value that means more risk. `cause`: the cause of
    leaving that it belongs to.
    `says`: a sentence with {value}, this row's value; it may end with ", usually {own}", the user's usual value
    (the mean over the user's earlier login rows). The sentence of a flag has no {value}: `says` is read for 1 and
    `says_not` for 0 ("": "not: " and `says`). `says_zero` is read instead of `says` for the value 0, `says_missing`
    where there is no value. A sentence may be read days later: it says "the login" or "the login day", and "ago" or
    "today" only if the feature `moves`.
    `needs`: what the contract must tell (as `Contract.tells`), in addition to the needs of the measures in `value`.
    `moves`: the value changes while the user is away, so the list uses that of its own day, not that of the login.
    `goal`: the action for a better value (see features.advice.actions); "": nobody can act on this feature alone.
    `goal_value`: the value after the action, if it is not a matter of more or less; NaN: missing.
    `stands_out_below`, `stands_out_above`: a value from this one on, or a value below this one, speaks for no cause;
    None: there is no such bound.
    `speaks`: False: no reason is told by it: it says nothing to a person, or another feature says the same better.
    """

    name: str
    value: pl.Expr
    dimension: Dimension
    form: Form
    worse: Worse
    cause: Cause
    unit: str
    says: str
    says_not: str = ""
    says_zero: str = ""
    says_missing: str = ""
    actionable: bool = False
    needs: frozenset[str] = frozenset()
    moves: bool = False
    goal: str = ""
    goal_value: float | None = None
    stands_out_below: float | None = None
    stands_out_above: float | None = None
    speaks: bool = True
