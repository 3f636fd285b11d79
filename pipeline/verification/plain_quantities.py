"""The quantities of plain days, made without the engine of the pipeline's user-days."""

from collections.abc import Mapping, Sequence

import polars as pl

from features.contract.quantities import SCALE, Quantity
from features.names import (
    gain_measure,
    last_state,
    quantity_column,
    record_measure,
    top_measure,
    values_measure,
)


def measures_of_quantity(named: tuple[str, Quantity]) -> tuple[str, ...]:
    """The measures of a day that a quantity, given with its name, has."""
    name, one = named
    if one.is_level:
        return (gain_measure(name),)
    return (quantity_column(name), values_measure(name), top_measure(name), record_measure(name))


def quantities_of_day(columns: Sequence[str], quantities: Mapping[str, Quantity]) -> dict[str, pl.Expr]:
    """By measure or state: the sum, number, largest and last of a day's values; sums and the largest in thousandths."""
    made = {}
    for name, one in quantities.items():
        column = quantity_column(name)
        if column in columns:
            values = pl.col(column).drop_nulls()
            made[last_state(name)] = values.last()
            if not one.is_level:
                thousandths = (values * SCALE).round().cast(pl.Int64)
                made[column], made[top_measure(name)] = thousandths.sum(), thousandths.max()
                made[values_measure(name)] = values.len().cast(pl.Int64)
    return made


def with_rises(days: pl.DataFrame, quantities: Mapping[str, Quantity]) -> pl.DataFrame:
    """The days (sorted) with the rises of levels and the new records of totals, read one after another."""
    made = []
    for name, one in quantities.items():
        source = last_state(name) if one.is_level else top_measure(name)
        if source in days.columns:
            known = pl.lit(1) if one.is_level else pl.col(values_measure(name)).alias("known")
            rises = _rises(days.select("user_id", pl.col(source), known), one)
            made.append(
                pl.Series(gain_measure(name) if one.is_level else record_measure(name), rises, pl.Int64)
            )
    return days.with_columns(made)


def _rises(days: pl.DataFrame, one: Quantity) -> list[int]:
    rises: list[int] = []
    user, best = None, None
    for user_id, value, known in days.iter_rows():
        if user_id != user:
            user, best = user_id, None
        told = value is not None and known > 0
        rise = max(value - best, 0) if told and best is not None else 0
        rises.append(round(rise * SCALE) if one.is_level else int(rise > 0))
        if told:
            best = value if one.is_level or best is None else max(best, value)
    return rises
