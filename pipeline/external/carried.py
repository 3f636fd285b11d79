"""Columns of the users table that the list carries, such as an address for the CRM. No model reads them.

Promise: a list has the values that were valid on its day, as text.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.contract.users import KEYS
from pipeline.errors import InputError
from pipeline.external.table_reader import read_table
from pipeline.external.users_table import EVER, validity
from pipeline.storage.frames import read_table as read_stored

CARRIED_FILE = "carried.parquet"


def carried_columns(contract: Contract, names: Sequence[str]) -> pl.DataFrame:
    """`user_id, from_day, to_day` and the columns `names` of the raw users table, as text, one row per row of it.

    A row counts from the beginning of `from_day` up to, but not including, `to_day` (null: to the user's next row).
    Raises InputError when the contract has no users table, or the table lacks one of the columns.
    """
    users = contract.users
    if users is None:
        raise InputError(
            f"params.yaml: list.carry names {', '.join(names)}, and {contract.name} has no table of users.\n"
            "Add the section users to the contract, or leave list.carry empty: []"
        )
    keys = [users.named[name] for name in KEYS if name in users.named]
    raw = read_table(users.path, users.stored_as, f"{contract.name}: users.path", [*keys, *names])
    lacking = [name for name in names if name not in raw.columns]
    if lacking:
        raise InputError(
            f"{users.path}: params.yaml names {', '.join(lacking)} in list.carry, and there is no such column.\n"
            f"Expected some of: {', '.join(raw.columns)}"
        )
    valid = validity(raw, users, contract)
    known = {"from_day": pl.lit(EVER), "to_day": pl.lit(None, pl.Date)}
    days = [pl.col(name) if name in valid.columns else value.alias(name) for name, value in known.items()]
    return (
        valid.select("user_id", *days)
        .hstack(raw.select(pl.col(names).cast(pl.String)))
        .sort("user_id", "from_day")
    )


def carried_on(checked: Path, as_of: date) -> pl.DataFrame:
    """`user_id` and the carried columns, as known at the end of `as_of`; `checked`: the folder of the external data."""
    rows = read_stored(checked / CARRIED_FILE).filter(pl.col("from_day") <= as_of)
    last = rows.group_by("user_id", maintain_order=True).last()
    valid = pl.col("to_day").is_null() | (pl.col("to_day") > as_of)
    return last.filter(valid).drop("from_day", "to_day")
