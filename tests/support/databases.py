"""Databases in tests: statements, tables made of frames, CRM lists, and what a database holds of a list."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import polars as pl
import polars.selectors as cs
import sqlalchemy

from pipeline.database.reading import with_chunks
from pipeline.database.url import database_url, table_url

SCHEMA = {
    "user_id": pl.String, "as_of": pl.Date, "login_number": pl.Int32, "rank": pl.Int64, "churn_probability": pl.Float64,
    "arm": pl.String, "goal": pl.String, "episode": pl.Date, "duty": pl.Boolean, "model_version": pl.String,
}  # fmt: skip
DAY, LATER = date(2024, 3, 31), date(2024, 4, 1)


def listed(users: int, as_of: date = DAY, version: str = "v1", **columns: Any) -> pl.DataFrame:
    """A short CRM list of `users`, each type of column once, with odd texts; `columns`: further ones."""
    odd = ("O'Hara; DROP", "", 'a,b\n"c"', "\\N", "NULL", "  spaces ", "ä€🙂", "\\.", "=1+1", "007")
    values = {
        "user_id": [f"u{n:05d}" for n in range(users)],
        "as_of": [as_of] * users,
        "login_number": list(range(users)),
        "rank": list(range(1, users + 1)),
        "churn_probability": [(n + 0.1) / (users + 1) for n in range(users)],
        "arm": [None if n % 3 else "contact" for n in range(users)],
        "goal": [odd[n % len(odd)] for n in range(users)],
        "episode": [None if n % 2 else as_of for n in range(users)],
        "duty": [n % 5 == 0 for n in range(users)],
        "model_version": [version] * users,
    }
    return pl.DataFrame(values, schema=SCHEMA).with_columns(
        **{name: pl.Series(one) for name, one in columns.items()}
    )


def held(url: str, table: str = "lastlogin_list") -> pl.DataFrame:
    """The rows of a table, by day and user if it has them."""
    frame = with_chunks(table_url(f"{url}#{table}", "test"), pl.concat)
    if "as_of" in frame.columns:
        dates = cs.by_name("as_of", "episode", "last_login_day", require_all=False)
        as_dates = dates.cast(pl.String).str.to_date()  # SQLite has no type of dates
        return frame.with_columns(as_dates).sort("as_of", "user_id")
    return frame


def as_held(lists: pl.DataFrame) -> pl.DataFrame:
    """`lists` with the types and in the order of `held`."""
    return lists.cast({pl.Int32: pl.Int64}).sort("as_of", "user_id")


@contextmanager
def connected(url: str) -> Iterator[sqlalchemy.Connection]:
    """A connection; its changes are committed at the end."""
    engine = sqlalchemy.create_engine(database_url(url, "test").url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def execute(url: str, *statements: str) -> None:
    """Run and commit the statements."""
    with connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def make_table(url: str, name: str, rows: pl.DataFrame) -> None:
    """A new table with the rows of a frame: texts, whole numbers and floats."""
    types = {pl.String: sqlalchemy.Text, pl.Int64: sqlalchemy.BigInteger, pl.Float64: sqlalchemy.Double}
    columns = [sqlalchemy.Column(column, types[dtype.base_type()]) for column, dtype in rows.schema.items()]
    table = sqlalchemy.Table(name, sqlalchemy.MetaData(), *columns)
    with connected(url) as connection:
        table.create(connection)
        connection.execute(sqlalchemy.insert(table), rows.to_dicts())
