"""One transaction on a database, tried again while the server is down.

Promise: a transaction is made whole or not at all, and a message shows neither a password nor values of rows.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
import sqlalchemy
from sqlalchemy import Connection, Engine, NullPool, event
from sqlalchemy.exc import DBAPIError

from pipeline.database.url import Database
from pipeline.errors import InputError, ServerError

T = TypeVar("T")

WAITS_SECONDS: tuple[float, ...] = (1, 2, 4, 8, 16)
"""The waits before the further tries while a server is down."""
_CONNECT: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "application_name": "lastlogin",
}
"""Options of libpq. A server that has vanished is noticed within a minute; the URL may say otherwise."""
_DOWN_STATES: Final = ("08", "40", "53", "55P03", "57")
"""SQLSTATEs of what may work later: connection, rollback by the server, no resources, lock, operator."""
_REFUSED: Final = (
    "password", "authentication", "pg_hba.conf", "does not exist", "permission denied", "not permitted to log in",
)  # fmt: skip
"""Words of a server that is up and refuses the connection: it has no SQLSTATE."""
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DISK: Final = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
)
_MOST_CHARACTERS: Final = 500


def in_transaction(database: Database, work: Callable[[Connection], T], *, writes: bool) -> T:
    """What `work` returns, run in one transaction, which is committed at the end.

    While the server is down, `work` is run again from the beginning, after WAITS_SECONDS. So it may be run in vain.
    Raises ServerError when the server stays down or the disk fails, InputError for everything that a retry never helps.
    """
    for wait in WAITS_SECONDS:
        try:
            return _once(database, work, writes=writes)
        except _DownError as error:
            sys.stderr.write(f"{database.shown}: {error}. The next try is in {wait:g} s.\n")
            time.sleep(wait)
    try:
        return _once(database, work, writes=writes)
    except _DownError as error:
        raise ServerError(
            f"{database.shown}: {error}.\n"
            f"It did not work in {len(WAITS_SECONDS) + 1} tries within {sum(WAITS_SECONDS):g} s. Start it, or correct "
            "host and port."
        ) from error


class _DownError(Exception):
    """A database that may work later."""


def _once(database: Database, work: Callable[[Connection], T], *, writes: bool) -> T:
    with _translated(database):
        engine = _engine(database, writes=writes)
        try:
            with engine.begin() as connection:
                return work(connection)
        finally:
            engine.dispose()


def _engine(database: Database, *, writes: bool) -> Engine:
    if not database.is_sqlite:
        options = {name: value for name, value in _CONNECT.items() if name not in database.url.query}
        engine = sqlalchemy.create_engine(
            database.url, poolclass=NullPool, hide_parameters=True, connect_args=options
        )
        return engine if writes else engine.execution_options(postgresql_readonly=True)
    file = Path(str(database.url.database))
    if writes:
        file.parent.mkdir(parents=True, exist_ok=True)
    elif not file.is_file():
        raise InputError(f"{database.shown}: there is no such file.\nCorrect the URL.")
    engine = sqlalchemy.create_engine(database.url, poolclass=NullPool, hide_parameters=True)
    _begin_by_hand(engine, "BEGIN IMMEDIATE" if writes else "BEGIN")
    return engine


def _begin_by_hand(engine: Engine, begin: str) -> None:
    """Python's sqlite3 begins no transaction before CREATE TABLE, so SQLAlchemy says when one begins."""

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


@contextmanager
def _translated(database: Database) -> Iterator[None]:
    """Errors of the driver as ours: of the database that is down, of the disk, or of what a retry never helps."""
    try:
        yield
    except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        why = _words_of(original)
        if isinstance(original, sqlite3.Error):
            code = getattr(original, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
            if code in _DISK:
                raise ServerError(
                    f"{database.shown}: {why}.\nGive the folder space and write permission, and run it again."
                ) from error
            if code in _BUSY:
                raise _DownError(why) from error
        elif _is_down(original):
            raise _DownError(why) from error
        raise InputError(
            f"{database.shown}: the database refuses: {why}.\nCorrect the URL, or the user's rights and tables there."
        ) from error


def _words_of(error: BaseException | None) -> str:
    """What the driver says in a line. The details of a PostgreSQL error hold values of rows, so they are left out."""
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return " ".join((primary or str(error)).split())[:_MOST_CHARACTERS].rstrip(".")


def _is_down(error: BaseException | None) -> bool:
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return error.sqlstate.startswith(_DOWN_STATES)
    if isinstance(error, psycopg.OperationalError):
        return not any(word in str(error) for word in _REFUSED)
    return isinstance(error, psycopg.InterfaceError)
