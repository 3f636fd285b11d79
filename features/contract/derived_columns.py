"""Columns that a contract derives by SQL from a log's raw columns.

Promise: an expression that passes uses one row only and runs on every chunk of the log. A text column is read as
numbers only if the expression does not run otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from features.contract.paths import with_quoted_paths
from features.contract.values import Numbers
from features.errors import ContractError
from features.names import OF_QUANTITIES

NUMERIC_COLUMNS = ("amount", "level", "score", "plan_days")

_BEYOND_THE_ROW = re.compile(
    r"\blen\(\)|\bcs\.|\.(over|sum|max|min|mean|median|std|var|count|first|last|quantile|explode|implode|subplan)\("
)
_CLOCK = re.compile(
    r"\bNOW\s*\(|\b(CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP|LOCALTIME|LOCALTIMESTAMP)\b", re.IGNORECASE
)
_PADDED = re.compile(r"\.pad_(start|end)\(\[(?!dyn int: \d{1,4}\])")
_NO_VALUES = (pl.Object, pl.Binary, pl.Duration)
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_FAULTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""Polars panics on some expressions that it cannot hold, such as DECIMAL(0, 99)."""
_LONGEST_SQL = 4_000
_SAMPLE_TEXT, _MOST_CHARACTERS = "2024-01-01 1", 10_000


@dataclass(frozen=True, slots=True)
class Derived:
    """One derived value: its name, the contract's key, its expression, the raw text columns it reads as numbers."""

    name: str
    key: str
    sql: str
    value: pl.Expr
    as_numbers: frozenset[str]
    dtype: pl.DataType
    contract: str
    numbers: Numbers

    def of(self, raw: pl.DataFrame) -> pl.Series:
        """The column over `raw`, with its name; texts that are no numbers are null in arithmetic.

        Raises ContractError when a value cannot be taken, such as a strict CAST of text.
        """
        read = (self.numbers.of(pl.col(name)).alias(name) for name in self.as_numbers)
        try:
            return raw.with_columns(read).with_columns(self.value.alias(f"@{self.name}"))[f"@{self.name}"]
        except _FAULTS as error:
            raise ContractError(
                f"{self.contract}: {self.key} = {self.sql!r} fails on a value:\n"
                f"{_first_line(error)}.\n"
                "TRY_CAST gives null where CAST fails."
            ) from error


def sql_of(contract: str, key: str, sql: str) -> pl.Expr:
    """The expression of `sql`, the value of the contract's `key`.

    Raises ContractError when it is no expression, is more than one column, reads the clock, or is very long.
    """
    if len(sql) > _LONGEST_SQL:  # parsing takes a time that grows with the square of the length
        raise ContractError(
            f"{contract}: {key} has {len(sql):,} characters and begins {sql[:40]!r}.\n"
            f"An expression has at most {_LONGEST_SQL:,}. Write a shorter one, or derive the column before the export."
        )
    clock = _CLOCK.search(_QUOTED.sub("''", sql))
    if clock:
        raise ContractError(
            f"{contract}: {key} = {sql!r} reads the clock: {clock.group().rstrip('( ')}.\n"
            "The same log must give the same events tomorrow. Compute from the line's own columns only."
        )
    try:
        value = pl.sql_expr(with_quoted_paths(sql))
    except (*_FAULTS, TypeError) as error:
        raise ContractError(
            f"{contract}: {key} = {sql!r} is not an SQL expression: {_first_line(error)}.\n"
            "Write one expression over raw columns, such as \"CASE WHEN Quantity < 0 THEN 'refund' END\"."
        ) from error
    return value


def derived(
    contract: str, name: str, key: str, sql: str, schema: Mapping[str, pl.DataType], numbers: Numbers
) -> Derived:
    """`sql`, the value of the contract's `key`, planned for the raw columns of `schema`, which include all it names.

    The smallest set of text columns that makes the expression run is read as numbers; for amount, level, score and
    quantities preferably a set that gives a number. Raises ContractError for a type that does not fit, or an expression
    that depends on other rows.
    """
    value = sql_of(contract, key, sql)
    roots = sorted(set(value.meta.root_names()))
    plans, refusal = [], ""
    for as_numbers in _subsets([root for root in roots if schema[root] == pl.String]):
        plan = Derived(name, key, sql, value, as_numbers, pl.String(), contract, numbers)
        dtype = _result_type(plan, schema)
        if isinstance(dtype, str):
            refusal = refusal or dtype
        else:
            plans.append(Derived(name, key, sql, value, as_numbers, dtype, contract, numbers))
    if not plans:
        raise ContractError(f"{contract}: {key} = {sql!r} does not run: {refusal}.\nCorrect the expression.")
    wanted = name in NUMERIC_COLUMNS or name.startswith(OF_QUANTITIES)
    numeric = [plan for plan in plans if plan.dtype.is_numeric()] if wanted else []
    chosen = (numeric or plans)[0]
    _check_one_value(chosen, schema)  # first, since it looks for texts that are too long to be made
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
        alone = [one for row in range(sample.height) for one in plan.of(sample[row]).to_list()]
        same = plan.of(sample).to_list() == alone
    except ContractError:
        same = True  # a strict function that does not accept 1 and 2; its parts are checked below
    parts = re.sub(r'"[^"]*"', '""', str(plan.value))
    if not same or _BEYOND_THE_ROW.search(parts):
        raise ContractError(
            f"{plan.contract}: {plan.key} = {plan.sql!r} looks at more than one row.\n"
            "Do not use SUM, COUNT, MAX, OVER, SELECT, …: an event is computed from its own line only."
        )


def _check_one_value(plan: Derived, schema: Mapping[str, pl.DataType]) -> None:
    """Refuse an expression whose value is no number, text, time or flag, or grows far beyond the line's own size."""
    if plan.dtype.is_nested() or isinstance(plan.dtype, _NO_VALUES):
        raise ContractError(
            f"{plan.contract}: {plan.key} = {plan.sql!r} gives {plan.dtype}, not one value.\n"
            "Write an expression that gives a text, a number or a time."
        )
    if plan.dtype != pl.String:
        return
    sample = pl.DataFrame(
        {
            name: pl.Series([_SAMPLE_TEXT if dtype == pl.String else 1]).cast(dtype, strict=False)
            for name, dtype in schema.items()
            if not dtype.is_nested()
        }
    )
    wide = _PADDED.search(str(plan.value))
    try:
        made = plan.of(sample).str.len_chars().max() if not wide else _MOST_CHARACTERS + 1
    except ContractError:
        return  # a strict function; what it makes of real lines is seen there
    if isinstance(made, int) and made > _MOST_CHARACTERS:
        raise ContractError(
            f"{plan.contract}: {plan.key} = {plan.sql!r} makes texts far longer than its line.\n"
            f"A value has at most some {_MOST_CHARACTERS:,} characters. Write a shorter expression."
        )


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
