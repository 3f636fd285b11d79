"""Conditions on one user, written in SQL.

Promise: a condition that is accepted is true, false or null for each user by that user's facts alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import polars as pl

from features.advice.facts import CHOSEN
from features.errors import PlaysError

Types = Mapping[str, pl.DataType | None]
"""The columns that a condition may name, with their types; None: known only when the run reads the data."""
_POSSIBLE = (pl.String(), pl.Float64(), pl.Boolean(), pl.Date())
_MOST_OPEN = 4
"""With more columns of unknown type in one condition, only equal types of all are tried."""
_BEYOND_THE_ROW = re.compile(
    r"\blen\(\)|\.subplan\("
    r"|\.(over|sum|max|min|mean|median|std|var|count|n_unique|first|last|quantile|shift|rank|cum_\w+)\("
)
_EXAMPLE = "Write a condition on one user, such as: cause = 'STUCK' AND risk_band <> 'low'"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition. `key`: where it stands, such as "plays.yaml: play ask: when"."""

    key: str
    sql: str
    value: pl.Expr

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it names."""
        return frozenset(self.value.meta.root_names())

    def of(self, facts: pl.DataFrame) -> pl.Series:
        """Whether it holds for each row of `facts`; false where it is null.

        A column that `facts` lack is null. A text column is read as numbers if the condition does not run otherwise.
        Raises PlaysError when it does not run on the types of the facts.
        """
        there = {name: facts.schema[name] for name in sorted(self.columns) if name in facts.columns}
        texts = [name for name, dtype in there.items() if dtype == pl.String]
        refusal = ""
        for types in _typings(dict.fromkeys(sorted(self.columns - there.keys()))):
            absent = [pl.lit(None, dtype).alias(name) for name, dtype in types.items()]
            for as_numbers in _subsets(texts):
                numbers = [
                    pl.col(name).str.strip_chars().cast(pl.Float64, strict=False) for name in as_numbers
                ]
                found = _run(self.value, facts.with_columns(*absent, *numbers))
                if isinstance(found, pl.Series):
                    return found.fill_null(value=False)
                refusal = refusal or found
        given = ", ".join(f"{name} is {dtype}" for name, dtype in there.items())
        raise PlaysError(f"{self.key} = {self.sql!r} does not run: {refusal}.\nHere {given}. {_EXAMPLE}")


def condition(key: str, sql: str, known: Types) -> Condition:
    """The condition `sql` over the columns `known`.

    Raises PlaysError, which names `key` and the word, when it is no SQL, names an unknown column or one that follows
    from the choice, is neither true nor false, or looks at more than one user.
    """
    try:
        value = pl.sql_expr(sql)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise PlaysError(f"{key} = {sql!r} is no SQL condition: {_first_line(error)}.\n{_EXAMPLE}") from error
    named = sorted(set(value.meta.root_names()))
    for name in named:
        if name in known:
            continue
        after = f"{name} follows from the choice" if name in CHOSEN else f"there is no column {name}"
        raise PlaysError(f"{key} = {sql!r}: {after}.\nA condition may name: {', '.join(known)}")
    made = Condition(key, sql, value)
    _check_one_user(made)
    _check_types(made, {name: known[name] for name in named})
    return made


def _check_types(made: Condition, known: Types) -> None:
    """Refuse a condition that is neither true nor false, whatever the types of the unknown columns."""
    refusal = ""
    for types in _typings(known):
        found = _run(made.value, pl.DataFrame(schema=types))
        if isinstance(found, pl.Series):
            return
        refusal = refusal or found
    given = ", ".join(f"{name} is {dtype}" for name, dtype in sorted(known.items()) if dtype is not None)
    raise PlaysError(
        f"{made.key} = {made.sql!r} does not run: {refusal}.\n{f'Here {given}. ' if given else ''}{_EXAMPLE}"
    )


def _typings(known: Types) -> Iterator[dict[str, pl.DataType]]:
    unknown = [name for name, dtype in known.items() if dtype is None]
    given = {name: dtype for name, dtype in known.items() if dtype is not None}
    choices: Iterator[Sequence[pl.DataType]] = (
        iter(product(_POSSIBLE, repeat=len(unknown)))
        if len(unknown) <= _MOST_OPEN
        else ([dtype] * len(unknown) for dtype in _POSSIBLE)
    )
    for types in choices:
        yield {**given, **dict(zip(unknown, types, strict=True))}


def _run(value: pl.Expr, facts: pl.DataFrame) -> pl.Series | str:
    """The condition over `facts`, or why it is none."""
    try:
        found = facts.with_columns(value.alias("@"))["@"]
    except pl.exceptions.PolarsError as error:
        return _first_line(error)
    if found.dtype != pl.Boolean:
        return f"it is {found.dtype}, and neither true nor false"
    return found


def _check_one_user(made: Condition) -> None:
    """Refuse a condition whose value for a user depends on other users."""
    without_names = re.sub(r'"[^"]*"', '""', str(made.value))
    if _BEYOND_THE_ROW.search(without_names):
        raise PlaysError(
            f"{made.key} = {made.sql!r} looks at more than one user.\n"
            f"Do not use SUM, COUNT, MAX, OVER or SELECT. {_EXAMPLE}"
        )


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    """None of `names`, then each one, each two, …; with more than six only none, each one and all."""
    sizes = range(len(names) + 1) if len(names) <= 6 else (0, 1, len(names))
    for size in sizes:
        yield from combinations(names, size)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
