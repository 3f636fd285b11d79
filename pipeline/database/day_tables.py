"""A table with the rows of many days, its view of the newest one, and its version: made, and brought up to date.

Promise: a column is added when it is missing, and nothing else of an existing table changes.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl
import polars.selectors as cs
import sqlalchemy
from sqlalchemy import Column, Connection, Index, MetaData, Table
from sqlalchemy.schema import CreateColumn

from pipeline.errors import InputError

_TYPES: Final[Mapping[pl.DataType, sqlalchemy.types.TypeEngine[Any]]] = {
    pl.String(): sqlalchemy.Text(),
    pl.Int64(): sqlalchemy.BigInteger(),
    pl.Float64(): sqlalchemy.Double(),
    pl.Boolean(): sqlalchemy.Boolean(),
    pl.Date(): sqlalchemy.Date(),
}


@dataclass(frozen=True, slots=True)
class DayTable:
    """`name`: the table, with the primary key `key` and `day`. `view`: its rows of the newest day.

    `meta`: a table of one row with the `version` of the tables and the newest day.
    """

    name: str
    key: str
    day: str
    view: str
    meta: str
    version: int


def as_stored(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` in the types that the table has: one for whole numbers, one for others."""
    return rows.cast({cs.integer(): pl.Int64, cs.float(): pl.Float64})


def brought_up_to_date(connection: Connection, tables: DayTable, schema: pl.Schema) -> Table:
    """The table with the columns of `schema`, created or with what it lacked. The view and `meta` exist afterwards.

    Other deliveries wait until the transaction ends. Raises InputError when a column has another type, the primary key
    is another, or a newer version has made the tables.
    """
    if connection.dialect.name == "postgresql":
        lock = zlib.crc32(tables.name.encode())
        connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(lock)))
    _check_names(connection, schema)
    _check_version(connection, tables)
    columns = [
        Column(name, _TYPES[dtype], primary_key=name in (tables.key, tables.day), autoincrement=False)
        for name, dtype in schema.items()
    ]
    table = Table(tables.name, MetaData(), *columns)
    Index(f"{tables.name}_{tables.day}", table.c[tables.day])  # the key begins with the user
    there = sqlalchemy.inspect(connection).has_table(tables.name)
    if there:
        changed = _add_columns(connection, tables, table)
    else:
        table.create(connection)
        changed = True
    if changed or not sqlalchemy.inspect(connection).has_table(tables.view):
        _make_view(connection, tables)
    return table


def note_delivery(connection: Connection, tables: DayTable, day: date) -> None:
    """Make `day` the newest one in `meta`, if it is."""
    meta = _meta(tables)
    newest = sqlalchemy.case(
        (sqlalchemy.or_(meta.c.newest_as_of.is_(None), meta.c.newest_as_of < day), day),
        else_=meta.c.newest_as_of,
    )
    connection.execute(sqlalchemy.update(meta).values(newest_as_of=newest))


def _meta(tables: DayTable) -> Table:
    return Table(
        tables.meta,
        MetaData(),
        Column("version", sqlalchemy.Integer, nullable=False),
        Column("newest_as_of", sqlalchemy.Date),
    )


def _check_names(connection: Connection, schema: pl.Schema) -> None:
    """PostgreSQL cuts off what is too long, so two names could become one."""
    most = connection.dialect.max_identifier_length
    long = [name for name in schema if len(name.encode()) > most]
    if long:
        raise InputError(
            f"{_place(connection)}: the name of column {long[0]} has {len(long[0].encode())} bytes, and the database "
            f"allows {most}.\nGive the column a shorter name."
        )


def _check_version(connection: Connection, tables: DayTable) -> None:
    meta = _meta(tables)
    meta.create(connection, checkfirst=True)
    found = connection.execute(sqlalchemy.select(meta.c.version)).scalar_one_or_none()
    if found is None:
        connection.execute(sqlalchemy.insert(meta).values(version=tables.version))
    elif found != tables.version:
        raise InputError(
            f"{_place(connection)}: table {tables.meta}: version is {found}, expected {tables.version}: another "
            "version of lastlogin made the tables.\nUse that version, or another database or schema."
        )


def _add_columns(connection: Connection, tables: DayTable, table: Table) -> bool:
    """Add the columns that the database's table lacks, and say whether there were any."""
    inspector, dialect = sqlalchemy.inspect(connection), connection.dialect
    key = set(inspector.get_pk_constraint(tables.name)["constrained_columns"])
    if key != {tables.key, tables.day}:
        raise InputError(
            f"{_place(connection)}: table {tables.name}: its primary key is ({', '.join(sorted(key))}), "
            f"expected ({tables.key}, {tables.day}).\n"
            "Give it this key, or rename the table: it is then made again."
        )
    types = {one["name"]: one["type"].compile(dialect=dialect) for one in inspector.get_columns(tables.name)}
    missing = []
    for column in table.columns:
        expected = column.type.compile(dialect=dialect)
        found = types.get(column.name)
        if found is None:
            missing.append(column)
        elif found != expected:
            raise InputError(
                f"{_place(connection)}: table {tables.name}: column {column.name} is {found}, expected {expected}.\n"
                "Change the type of the column, or rename it: it is then added again."
            )
    name = dialect.identifier_preparer.quote(tables.name)
    for column in missing:
        added = CreateColumn(column).compile(dialect=dialect)
        connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {added}")
    return bool(missing)


def _make_view(connection: Connection, tables: DayTable) -> None:
    """A view with all columns of the table. It is empty when the newest list is."""
    replace = "CREATE OR REPLACE VIEW"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {tables.view}")
        replace = "CREATE VIEW"
    connection.exec_driver_sql(
        f"{replace} {tables.view} AS SELECT * FROM {tables.name} "
        f"WHERE {tables.day} = (SELECT newest_as_of FROM {tables.meta})"
    )


def _place(connection: Connection) -> str:
    return connection.engine.url.render_as_string(hide_password=True)
