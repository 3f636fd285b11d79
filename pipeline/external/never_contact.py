"""Reads what says whom not to contact, from files or databases: opt-outs and the log of past contacts.

Promise: what is named and cannot be read stops the run, so a lost opt-out file never means "contact all".
"""

import sys
from collections.abc import Sequence
from datetime import date

import polars as pl

from features.contract.model import Contract
from features.events.fields import canonical_user_id
from pipeline.errors import InputError, ServerError
from pipeline.external.table_reader import dates_of, instants_of, need_columns, read_table

OFFER_TAKEN = "offer_taken"
_NO_LIST = "No list was written: without this table, people might be contacted who must not be."


def opted_out(
    name: str, path: str, column: str, until: str | None, known_ids: pl.Series | None
) -> pl.DataFrame:
    """`user_id, until` (a day, null: for ever) of the users whom a rule of `never_contact` names.

    `known_ids`: users of the log; a table that names none of them is said on stderr. None: not known yet. Raises
    InputError when the file or table is missing, unreadable, or lacks a column, ServerError when the database stays
    down.
    """
    key = f"never_contact: rule {name}: path"
    table = _read(path, [column, *([] if until is None else [until])], key)
    days = pl.Series("until", [None] * table.height, dtype=pl.Date)
    if until is not None:
        days = dates_of(table[until], path, needed=False).alias("until")
    users = table.select(canonical_user_id(pl.col(column)).alias("user_id")).with_columns(days)
    users = users.filter(pl.col("user_id").is_not_null())
    if known_ids is not None and users.height and not users["user_id"].is_in(known_ids.implode()).any():
        sys.stderr.write(
            f"{path}: never_contact: rule {name}: none of its {users.height:,} users is a user of the log. "
            f"Check that {column} holds the ids of the log.\n"
        )
    return users


def contact_log(
    path: str,
    contract: Contract,
    known_ids: pl.Series | None,
    as_of: date,
    consequence: str = _NO_LIST,
    key: str = "contacts.path",
) -> pl.DataFrame:
    """`user_id, day, play, channel` of the contacts up to `as_of`. `key`: the setting that names the table.

    If the table has the column `offer_taken` (true or false), so has the result. `consequence`: what follows for the
    reader of a message when the table cannot be used.

    Contacts of later days and of users whom the log does not know are left out, and counted on stderr. Raises
    InputError when the table is missing or unreadable, lacks a column, or holds an unreadable time, ServerError when
    the database stays down.
    """
    needed = ["user_id", "contacted_at", "play", "channel"]
    table = _read(path, needed, key, consequence, (OFFER_TAKEN,))
    contacts = table.select(
        canonical_user_id(pl.col("user_id")).alias("user_id"),
        pl.col("play").cast(pl.String),
        pl.col("channel").cast(pl.String),
        *_offer_taken(table),
    ).with_columns(instants_of(table["contacted_at"], path, contract, needed=True)["day"])
    future = contacts["day"] > as_of
    known = future if known_ids is None else contacts["user_id"].is_in(known_ids.implode())
    unknown = ~known.fill_null(value=False) & ~future & (known_ids is not None)
    for fault, rows in ((f"later than {as_of}", future), ("of users whom the log does not know", unknown)):
        if rows.any():
            sys.stderr.write(f"{path}: contacts {fault}, left out: {int(rows.sum()):,}\n")
    return contacts.filter(~future & ~unknown).select("user_id", "day", pl.exclude("user_id", "day"))


def _offer_taken(table: pl.DataFrame) -> list[pl.Expr]:
    if OFFER_TAKEN not in table.columns:
        return []
    text = pl.col(OFFER_TAKEN).cast(pl.String).str.to_lowercase().str.strip_chars()
    return [text.is_in(["true", "1", "yes"]).fill_null(value=False).alias(OFFER_TAKEN)]


def _read(
    path: str, columns: list[str], key: str, consequence: str = _NO_LIST, optional: Sequence[str] = ()
) -> pl.DataFrame:
    try:
        table = read_table(path, None, key, columns, optional)
        need_columns(table, columns, path, f"{key.removesuffix(': path')} needs")
    except (InputError, ServerError) as error:
        raise type(error)(f"{error}\n{consequence}") from error
    return table
