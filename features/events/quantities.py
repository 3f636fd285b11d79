"""The values of a chunk's quantities: how many there are, and those that cannot be."""

from dataclasses import dataclass

import polars as pl

from features.contract.quantities import MOST
from features.errors import ContractError
from features.events.fields import FILE, LINE, Plan, dtype_of, quantity_of, raw_column, text_of


@dataclass(frozen=True, slots=True)
class QuantityCount:
    """Values of a quantity: `given` in events, of which `unreadable`; `example`: the first of these, with its place."""

    given: int = 0
    unreadable: int = 0
    example: str = ""

    def __add__(self, other: "QuantityCount") -> "QuantityCount":
        return QuantityCount(
            self.given + other.given, self.unreadable + other.unreadable, self.example or other.example
        )


def quantity_counts(plan: Plan, rows: pl.DataFrame) -> dict[str, QuantityCount]:
    """By name of a quantity its values in `rows`: raw rows with derived columns, FILE and LINE, all of them events.

    Raises ContractError naming the key, line and value where a `total` is below 0.
    """
    return {name: _count(plan, rows, column, name) for column, name in plan.contract.quantity_columns.items()}


def refuse_unreadable(contract: str, counts: dict[str, QuantityCount]) -> None:
    """Raise ContractError when not one value of a quantity is a number."""
    for name, count in counts.items():
        if count.given and count.unreadable == count.given:
            raise ContractError(
                f"{contract}: quantities.{name}: none of {count.given:,} values is a number; the first is "
                f"{count.example}.\nName a column of numbers below {MOST:.0e} in size; `numbers` says how they are "
                "written, null_values what means none."
            )


def _count(plan: Plan, rows: pl.DataFrame, column: str, name: str) -> QuantityCount:
    raw, dtype = raw_column(plan, column), dtype_of(plan, column)
    given = text_of(plan, column).is_not_null()
    if dtype.is_float():
        given &= raw.is_not_nan()
    values = rows.select(
        pl.col(FILE),
        pl.col(LINE),
        text=raw.cast(pl.String, strict=False),
        value=quantity_of(plan, column),
        given=given,
    )
    if plan.contract.quantities[name].form == "total":
        below = values.filter(pl.col("value") < 0)
        if below.height:
            raise ContractError(
                f"{plan.contract.name}: quantities.{name}: {_shown(below)} is below 0, and its form is total.\n"
                "Write form: net if values are taken back, form: level if it is a state, or leave such lines out with "
                "`exclude`."
            )
    unreadable = values.filter(pl.col("given") & pl.col("value").is_null())
    return QuantityCount(
        int(values["given"].sum()), unreadable.height, _shown(unreadable) if unreadable.height else ""
    )


def _shown(rows: pl.DataFrame) -> str:
    file, line, text, *_ = rows.row(0)
    return f"{text[:40]!r} ({file}:{line})"
