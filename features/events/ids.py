"""Checks of the columns that hold ids: types that lose digits would give different users one id."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from features.errors import ContractError
from features.events.fields import FILE, LINE, Plan, dtype_of, raw_column

_MOST_EXACT = 2.0**53  # a larger whole number in a float has lost digits


class _IdColumn(NamedTuple):
    key: str
    column: pl.Expr
    dtype: pl.DataType


def check_ids(plan: Plan) -> None:
    """Raise ContractError for a column of ids whose type holds too few digits."""
    for key, _, dtype in _id_columns(plan):
        if dtype == pl.Float32:
            raise ContractError(
                f"{plan.contract.name}: {key} is stored as Float32, which holds only 7 digits of an id.\n"
                "Export ids as text or whole numbers."
            )


def check_whole_ids(plan: Plan, made: pl.DataFrame) -> None:
    """Raise ContractError for an id in a float that is so large that its last digits are lost."""
    for key, column, dtype in _id_columns(plan):
        if not dtype.is_float():
            continue
        lost = made.filter(column.abs() > _MOST_EXACT)
        if lost.height:
            first = lost.select(FILE, LINE, column.alias("id")).row(0, named=True)
            raise ContractError(
                f"{first[FILE]}: row {first[LINE]}: {key} holds {first['id']!r}, a float beyond 2^53, whose "
                "last digits are lost.\nDifferent users would have one id. Export ids as text or whole numbers."
            )


def _id_columns(plan: Plan) -> Iterator[_IdColumn]:
    """The columns of ids, by the key of the contract that names each."""
    contract = plan.contract
    for name in ("user_id", "counterpart"):
        if name in contract.derive or getattr(contract.columns, name) is not None:
            yield _IdColumn(f"columns.{name}", raw_column(plan, name), dtype_of(plan, name))
    identity = contract.identity
    if identity is not None and identity.in_log:
        for key, raw in (("from", identity.anonymous), ("to", identity.known)):
            yield _IdColumn(f"identity.{key}", pl.col(raw), plan.schema[raw])
