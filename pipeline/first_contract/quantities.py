"""The columns of a log that may be quantities: numbers that vary, and that are no ids, codes or dates."""

import polars as pl

from features.contract.values import Numbers
from pipeline.first_contract.guess import MOST_LOOKED_AT, Column, Guess

_NO_QUANTITY = (
    r"(^|_)(ids?|uuid|guid|key|code|zip|postcode|plz|year|month|day|hour|date|time|timestamp|epoch|index|idx|version"
    r"|phone|port|lat|lon|latitude|longitude|ip|row|line|offset|position|price|amount|revenue|currency)$"
)
_MOST = 8
_LEAST_FILLED, _READS = 0.01, 0.97
_ALL_DIFFERENT = 0.98


def quantities_of(columns: list[Column], numbers: Numbers) -> dict[str, Guess]:
    """By name the likely quantities among `columns`, those that no other key uses; eight at most."""
    found: dict[str, Guess] = {}
    for column in columns:
        values = _numbers(column, numbers)
        name = _name_of(column)
        if values is None or name is None or name in found or len(found) == _MOST:
            continue
        low, high = (f"{float(str(one)):g}" for one in (values.min(), values.max()))
        why = f"its values are numbers from {low} to {high}"
        found[name] = Guess(column.name, why, unsure=True)
    return found


def _numbers(column: Column, numbers: Numbers) -> pl.Series | None:
    """The values of `column` as numbers; None if they are none, or no quantity."""
    if column.filled < _LEAST_FILLED or column.distinct <= 2 or not _may_be(column):
        return None
    values = column.values.head(MOST_LOOKED_AT)
    read = (
        values.to_frame("value")
        .select((numbers if column.text else Numbers()).of(pl.col("value")))
        .to_series()
    )
    if read.is_not_null().sum() < _READS * values.len():
        return None
    whole = bool((read.drop_nulls() == read.drop_nulls().round()).all())
    counted_up = (
        whole and column.distinct > _ALL_DIFFERENT * column.values.len()
    )  # an id, or a number of the line
    return None if counted_up else read.drop_nulls()


def _may_be(column: Column) -> bool:
    if not (column.text or column.dtype.is_numeric()):
        return False
    return (
        not column.values.head(1).str.contains(r"^0\d").item()
        and not pl.Series([column.plain]).str.contains(_NO_QUANTITY).item()
    )


def _name_of(column: Column) -> str | None:
    """The name of the quantity, as a contract allows it; None when nothing is left of the column's name."""
    name = (
        "".join(one if one.isascii() and one.isalnum() else "_" for one in column.plain)
        .strip("_")[:40]
        .strip("_")
    )
    return name if name[:1].isalpha() else None
