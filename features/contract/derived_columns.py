"""Columns that a contract derives by SQL from a log's raw columns.

Promise: an expression that passes uses one row only and runs on every chunk of the log. A text column is read as
numbers only if the expression does not run otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from features.errors import ContractError

NUMERIC_COLUMNS = ("amount", "level", "score")

_BEYOND_THE_ROW = re.compile(
    r"\blen\(\)|\.(over|sum|max|min|mean|median|std|var|count|first|last|quantile)\("
)


@dataclass(frozen=True, slots=True)
class Derived:
    """One derived column: its expression, and the raw text columns it reads as numbers."""

    name: str
    sql: str
    value: pl.Expr
    as_numbers: frozenset[str]
    dtype: pl.DataType
    contract: str

    def of(self, raw: pl.DataFrame) -> pl.Series:
        """The column over `raw`, with its name; texts that are no numbers are null in arithmetic.

        Raises ContractError when a value cannot be taken, such as a strict CAST of text.
        """
        read = (_number(pl.col(name)).alias(name) for name in self.as_numbers)
        try:
            return raw.with_columns(read).with_columns(self.value.alias(f"@{self.name}"))[f"@{self.name}"]
        except pl.exceptions.PolarsError as error:
            raise ContractError(
                f"{self.contract}: derive.{self.name} = {self.sql!r} fails on a value:\n"
                f"{_first_line(error)}.\n"
                "TRY_CAST gives null where CAST fails."
            ) from error


def sql_of(contract: str, name: str, sql: str) -> pl.Expr:
    """The expression of `sql`.

    Raises ContractError when it is no expression, or more than one column.
    """
    try:
        value = pl.sql_expr(sql)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise ContractError(
            f"{contract}: derive.{name} = {sql!r} is not an SQL expression: {_first_line(error)}.\n"
            "Write one expression over raw columns, such as \"CASE WHEN Quantity < 0 THEN 'refund' END\"."
        ) from error
    return value


def derived(contract: str, name: str, sql: str, schema: Mapping[str, pl.DataType]) -> Derived:
    """`sql` planned for the raw columns of `schema`, which include all that it names.

    The smallest set of text columns that makes the expression run is read as numbers; for amount, level and score
    preferably a set that gives a number. Raises ContractError for a type that does not fit, or an expression
    that depends on other rows.
    """
    value = sql_of(contract, name, sql)
    roots = sorted(set(value.meta.root_names()))
    plans, refusal = [], ""
    for as_numbers in _subsets([root for root in roots if schema[root] == pl.String]):
        plan = Derived(name, sql, value, as_numbers, pl.String(), contract)
        dtype = _result_type(plan, schema)
        if isinstance(dtype, str):
            refusal = refusal or dtype
        else:
            plans.append(Derived(name, sql, value, as_numbers, dtype, contract))
    if not plans:
        raise ContractError(
            f"{contract}: derive.{name} = {sql!r} does not run: {refusal}.\nCorrect the expression."
        )
    numeric = [plan for plan in plans if plan.dtype.is_numeric()] if name in NUMERIC_COLUMNS else []
    chosen = (numeric or plans)[0]
    _check_one_row(chosen, schema)
    return chosen


def _subsets(names: list[str]) -> Iterator[frozenset[str]]:
    # With more than eight columns only three kinds of sets are tried: none, each one, all.
    sizes = range(len(names) + 1) if len(names) <= 8 else (0, 1, len(names))
    for size in sizes:
        yield from (frozenset(chosen) for chosen in combinations(names, size))


def _result_type(plan: Derived, schema: Mapping[str, pl.DataType]) -> pl.DataType | str:
    try:
        return plan.of(pl.DataFrame(schema=schema)).dtype
    except ContractError as error:
        return _first_line(error.__cause__ or error)


def _check_one_row(plan: Derived, schema: Mapping[str, pl.DataType]) -> None:
    """Refuse an expression whose value for a row depends on other rows."""
    sample = pl.DataFrame(
        [
            pl.Series(name, [1, 1, 2]).cast(dtype, strict=False)
            for name, dtype in schema.items()
            if not dtype.is_nested()
        ]
    )
    try:
        same = plan.of(sample).to_list() == [plan.of(sample[row])[0] for row in range(sample.height)]
    except ContractError:
        same = True  # a strict function that does not accept 1 and 2; its parts are checked below
    parts = re.sub(r'"[^"]*"', '""', str(plan.value))
    if not same or _BEYOND_THE_ROW.search(parts):
        raise ContractError(
            f"{plan.contract}: derive.{plan.name} = {plan.sql!r} looks at more than one row.\n"
            "Do not use SUM, COUNT, MAX, OVER, …: an event is computed from its own line only."
        )


def _number(column: pl.Expr) -> pl.Expr:
    return column.str.strip_chars().cast(pl.Float64, strict=False)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
