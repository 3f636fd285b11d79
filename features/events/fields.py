"""The values of canonical columns, from the raw columns of a log.

Promise: a value that cannot be read is null, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from features.contract.derived_columns import NUMERIC_COLUMNS, Derived
from features.contract.model import Contract
from features.contract.quantities import MOST as MOST_OF_A_QUANTITY
from features.contract.values import PLACEHOLDER_IDS, composed, missing_id

NO_KIND = "(none)"
FILE, LINE, TEXT = "@file", "@line", "@text"
"""The origin of a raw row: its file, its first line in it, and (text formats) its original text."""

MOST_MONEY = 1e15


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows of one raw schema become events."""

    contract: Contract
    schema: Mapping[str, pl.DataType]
    derived: tuple[Derived, ...]
    excluded: Derived | None


def raw_column(plan: Plan, name: str) -> pl.Expr:
    """The canonical column `name` as the log has it, or as derived."""
    return pl.col(_raw_name(plan, name))


def _raw_name(plan: Plan, name: str) -> str:
    raw = plan.contract.raw_of(name)
    return f"@{name}" if raw is None else raw


def dtype_of(plan: Plan, name: str) -> pl.DataType:
    """The type of `raw_column`."""
    made = next((column.dtype for column in plan.derived if column.name == name), None)
    return plan.schema[_raw_name(plan, name)] if made is None else made


def without_null_values(plan: Plan, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """`column` without the texts that mean that there is no value."""
    if not plan.contract.null_values or dtype != pl.String:
        return column
    return pl.when(~column.str.strip_chars().is_in(list(plan.contract.null_values))).then(column)


def text_of(plan: Plan, name: str) -> pl.Expr:
    """The trimmed text of a canonical column, in Unicode's composed form; null where it says nothing."""
    text = without_null_values(plan, raw_column(plan, name).cast(pl.String, strict=False), pl.String())
    return nonempty(composed(text.str.strip_chars()))


def nonempty(trimmed: pl.Expr) -> pl.Expr:
    """Null for an empty text."""
    return pl.when(trimmed != "").then(trimmed)


def user_id_of(plan: Plan, name: str) -> pl.Expr:
    """The id in the canonical column `name` (user_id, counterpart), as `canonical_user_id`."""
    return id_of(plan, raw_column(plan, name), dtype_of(plan, name)).alias(name)


def id_of(plan: Plan, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The id in a raw `column` of the type `dtype`, as `canonical_user_id`."""
    if dtype.is_float():
        whole = column.is_finite() & (column == column.round())
        digits = column.cast(pl.Int64, strict=False).cast(pl.String)
        column = pl.when(whole).then(digits).otherwise(column.cast(pl.String))
    text = without_null_values(plan, column.cast(pl.String, strict=False), pl.String())
    return canonical_user_id(text, plan.contract.placeholder_ids)


def canonical_user_id(column: pl.Expr, placeholders: tuple[str, ...] = PLACEHOLDER_IDS) -> pl.Expr:
    """A user's id as trimmed text in Unicode's composed form (NFC); null if it is empty or one of `placeholders`."""
    text = composed(column.cast(pl.String, strict=False).str.strip_chars())
    whole = text.str.replace(r"^(\d+)\.0$", "$1")
    return pl.when(~missing_id(whole, placeholders)).then(whole)


def optional_column(plan: Plan, name: str) -> pl.Expr:
    """The values of the canonical column `name` as events have them."""
    if name in NUMERIC_COLUMNS:
        dtype = dtype_of(plan, name)
        number = number_of(plan, without_null_values(plan, raw_column(plan, name), dtype), dtype)
        return (_in_units(plan, number) if name == "amount" else number).alias(name)
    if name in plan.contract.quantity_columns:
        return quantity_of(plan, name).alias(name)
    if name == "counterpart":
        return user_id_of(plan, name)
    text = text_of(plan, name)
    if name == "currency":
        return plan.contract.currency.code(text).alias(name)
    return text.fill_null(NO_KIND).alias(name) if name == "kind" else text.alias(name)


def quantity_of(plan: Plan, column: str) -> pl.Expr:
    """The number in the canonical column of a quantity; null where it is no number, or beyond any quantity."""
    dtype = dtype_of(plan, column)
    number = number_of(plan, without_null_values(plan, raw_column(plan, column), dtype), dtype)
    return pl.when(number.abs() < MOST_OF_A_QUANTITY).then(number)


def _in_units(plan: Plan, amount: pl.Expr) -> pl.Expr:
    """The amount in whole units of its currency, where the contract names parts such as pence."""
    if not plan.contract.has("currency"):
        return amount
    parts = plan.contract.currency.parts(text_of(plan, "currency"))
    return amount if parts is None else amount / parts


def number_of(plan: Plan, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The finite number in `column`, at most MOST_MONEY in size; null otherwise."""
    text = dtype == pl.String
    number = plan.contract.numbers.of(column) if text else column.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite() & (number.abs() <= MOST_MONEY)).then(number)


def unreadable_amount(plan: Plan) -> pl.Expr:
    """Whether the amount, or a number that it is derived from, is present but unreadable."""
    amount, dtype = raw_column(plan, "amount"), dtype_of(plan, "amount")
    present = (
        amount.is_not_null() & amount.is_not_nan()
        if dtype.is_float()
        else text_of(plan, "amount").is_not_null()
    )
    made_of = [column.as_numbers for column in plan.derived if column.name == "amount"]
    broken = [
        nonempty(pl.col(name).str.strip_chars()).is_not_null()
        & number_of(plan, pl.col(name), pl.String()).is_null()
        for name in sorted(frozenset().union(*made_of))
    ]
    return number_of(plan, amount, dtype).is_null() & pl.any_horizontal(present, *broken)
