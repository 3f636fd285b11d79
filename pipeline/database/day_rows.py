"""Replaces the rows of one day in a table: a copy into a staging table, then one statement each to write and delete.

Promise: in the transaction of the caller, so whoever reads sees the rows before or after, never a mixture.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import polars as pl
import psycopg
import sqlalchemy
from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.database.day_tables import DayTable, as_stored, brought_up_to_date, note_delivery
from pipeline.storage.csv_tables import rows_as_text

_PART_ROWS: Final = 10_000
"""Rows that are sent at a time."""


def replace_day(connection: Connection, tables: DayTable, day: date, rows: pl.DataFrame) -> None:
    """Make `rows` the rows of `day`; rows of that day that are not among them are deleted.

    `rows`: each key once, all of that day. Raises as `brought_up_to_date`.
    """
    stored = as_stored(rows)
    table = brought_up_to_date(connection, tables, stored.schema)
    staging = _staging(connection, tables, table)
    if connection.dialect.name == "postgresql":
        _copy(connection, staging, stored)
    else:
        for part in stored.iter_slices(_PART_ROWS):
            connection.execute(sqlalchemy.insert(staging), list(part.iter_rows(named=True)))
    _upsert(connection, tables, table, staging)
    others = sqlalchemy.delete(table).where(
        table.c[tables.day] == day,
        ~sqlalchemy.exists().where(staging.c[tables.key] == table.c[tables.key]),
    )
    connection.execute(others)
    note_delivery(connection, tables, day)


def _staging(connection: Connection, tables: DayTable, table: Table) -> Table:
    """A table with the columns of `table` that only this connection sees, and that goes with the transaction."""
    keyed = connection.dialect.name == "sqlite"  # PostgreSQL looks users up by a hash, SQLite by an index
    staging = Table(
        f"{table.name}_staging",
        MetaData(),
        *(
            Column(column.name, column.type, primary_key=keyed and column.name == tables.key)
            for column in table.columns
        ),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    staging.create(connection)
    return staging


def _copy(connection: Connection, staging: Table, rows: pl.DataFrame) -> None:
    """Fill the staging table by COPY. In CSV, for both sides, an empty cell is null and "" is the empty text."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in rows.columns)
    raw: Any = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError(f"expected a connection of psycopg, found {type(raw).__name__}")
    command = f"COPY {quote(staging.name)} ({columns}) FROM STDIN (FORMAT csv, ENCODING 'UTF8')"
    with raw.cursor() as cursor, cursor.copy(command) as copy:
        for text in _as_csv(rows):
            copy.write(text)


def _as_csv(rows: pl.DataFrame) -> Iterator[str]:
    for part in rows.iter_slices(_PART_ROWS):
        yield rows_as_text(part)


def _upsert(connection: Connection, tables: DayTable, table: Table, staging: Table) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    names = table.columns.keys()
    everything = sqlalchemy.select(staging).where(
        sqlalchemy.literal_column("1") == 1
    )  # SQLite needs a WHERE here
    written = insert(table).from_select(names, everything)
    keys = (tables.key, tables.day)
    changed = {name: written.excluded[name] for name in names if name not in keys}
    connection.execute(written.on_conflict_do_update(index_elements=keys, set_=changed))
