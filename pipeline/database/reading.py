"""Reads a table or view of a database in chunks, each as a frame of the same columns.

Promise: memory is bounded by a chunk. Values keep their type; exact numbers, such as ids, are text.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import polars as pl
import sqlalchemy
from sqlalchemy import Column, Connection, MetaData, Select, Table
from sqlalchemy.exc import NoSuchTableError

from pipeline.database.connection import in_transaction
from pipeline.database.url import TableUrl
from pipeline.errors import InputError

T = TypeVar("T")

CHUNK_ROWS: Final = 50_000
"""Rows of a chunk: as Python's objects they take some ten times the memory of a frame."""
_MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class _Selected:
    """A column of the table, the expression that reads it, and its type in the frame."""

    name: str
    value: sqlalchemy.ColumnElement[Any]
    dtype: pl.DataType


def with_chunks(
    source: TableUrl,
    take: Callable[[Iterator[pl.DataFrame]], T],
    needed: Sequence[str] | None = None,
    optional: Sequence[str] = (),
) -> T:
    """What `take` returns for the rows of `source`, in chunks; at least one, which may be empty.

    `needed`: the columns to read, None: all; `optional`: further ones, where the table has them. The rows come in the
    order of the primary key, if there is one. When the server breaks off, `take` is called again for all the rows.
    Raises InputError when the table or a needed column is missing or a value does not fit its column, ServerError when
    the server stays down.
    """

    def work(connection: Connection) -> T:
        table = _table(connection, source)
        selected = [_selected(column, source) for column in _columns(table, source, needed, optional)]
        query = sqlalchemy.select(*(one.value.label(one.name) for one in selected)).order_by(
            *table.primary_key
        )
        return take(_chunks(connection, query, selected, source))

    return in_transaction(source.database, work, writes=False)


def check_table(source: TableUrl) -> None:
    """Raise InputError when there is no such table, ServerError when the server stays down."""
    in_transaction(source.database, lambda connection: _table(connection, source), writes=False)


def _table(connection: Connection, source: TableUrl) -> Table:
    if not source.database.is_sqlite:
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    try:
        return Table(
            source.table, MetaData(), schema=source.schema, autoload_with=connection, resolve_fks=False
        )
    except NoSuchTableError as error:
        inspector = sqlalchemy.inspect(connection)
        names = [*inspector.get_table_names(source.schema), *inspector.get_view_names(source.schema)]
        there = ", ".join(sorted(names)[:_MOST_SHOWN]) or "none"
        raise InputError(
            f"{source.shown}: there is no such table.\nTables and views there: {there}. Correct what follows the #."
        ) from error


def _columns(
    table: Table, source: TableUrl, needed: Sequence[str] | None, optional: Sequence[str]
) -> list[Column[Any]]:
    if needed is None:
        return list(table.columns)
    lacking = [name for name in needed if name not in table.columns]
    if lacking:
        raise InputError(
            f"{source.shown}: has no column {lacking[0]!r}.\n"
            f"Its columns: {', '.join(table.columns.keys())}. Add or correct it."
        )
    wanted = dict.fromkeys([*needed, *(name for name in optional if name in table.columns)])
    return [table.columns[name] for name in wanted]


def _selected(column: Column[Any], source: TableUrl) -> _Selected:
    """How a column is read. What has no type of its own here is cast to text by the database."""
    kind = column.type
    value: sqlalchemy.ColumnElement[Any] = column
    dtype: pl.DataType | None = None
    if isinstance(kind, sqlalchemy.Integer):
        dtype = pl.Int64()
    elif isinstance(kind, sqlalchemy.Float):
        dtype = pl.Float64()
    elif isinstance(kind, sqlalchemy.LargeBinary):
        dtype = pl.Binary()
    elif isinstance(kind, sqlalchemy.Boolean):
        dtype = pl.Boolean()
    elif not source.database.is_sqlite:  # SQLite stores the others as they were written
        dtype = _of_postgresql(kind)
    if dtype is None:
        dtype = pl.String()
        value = sqlalchemy.cast(sqlalchemy.type_coerce(column, sqlalchemy.Text), sqlalchemy.Text)
    return _Selected(column.name, value, dtype)


def _of_postgresql(kind: sqlalchemy.types.TypeEngine[Any]) -> pl.DataType | None:
    if isinstance(kind, sqlalchemy.DateTime):
        return pl.Datetime("us", "UTC" if kind.timezone else None)
    if isinstance(kind, sqlalchemy.Date):
        return pl.Date()
    return pl.String() if isinstance(kind, sqlalchemy.String) else None


def _chunks(
    connection: Connection, query: Select[Any], selected: list[_Selected], source: TableUrl
) -> Iterator[pl.DataFrame]:
    result = connection.execution_options(stream_results=True, max_row_buffer=CHUNK_ROWS).execute(query)
    empty = True
    for rows in result.partitions(CHUNK_ROWS):
        empty = False
        values = zip(*rows, strict=True)
        yield pl.DataFrame(
            [_series(one, column, source) for one, column in zip(selected, values, strict=True)]
        )
    if empty:
        yield pl.DataFrame(schema={one.name: one.dtype for one in selected})


def _series(one: _Selected, values: Sequence[object], source: TableUrl) -> pl.Series:
    try:
        return pl.Series(one.name, values, dtype=one.dtype)
    except (TypeError, OverflowError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"{source.shown}: column {one.name!r} holds a value that is no {one.dtype}.\n"
            "Correct the value, or give a view in which the column has the right type."
        ) from error
