"""URLs of databases, and of tables in them: `postgresql+psycopg://USER@HOST/DATABASE#SCHEMA.TABLE`, `sqlite:///FILE#TABLE`.

Promise: no URL holds a password, and no message shows one.
"""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeline.config.secrets import without_secrets
from pipeline.errors import InputError

_POSTGRESQL, _SQLITE = "postgresql+psycopg", "sqlite"
_DRIVERS: Final = {
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
    _SQLITE: _SQLITE,
}
_SECRET_KEYS: Final = ("password", "sslpassword", "oauth_client_secret")
_FORMS = "postgresql+psycopg://USER@HOST/DATABASE or sqlite:///FILE"
_TABLE_FORMS = "postgresql+psycopg://USER@HOST/DATABASE#SCHEMA.TABLE or sqlite:///FILE#TABLE"


@dataclass(frozen=True, slots=True)
class Database:
    """A database. `url`: without a password."""

    url: URL

    @property
    def shown(self) -> str:
        """The URL as text."""
        return self.url.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return self.url.drivername == _SQLITE


@dataclass(frozen=True, slots=True)
class TableUrl:
    """A table or view of a database. `schema`: None: the user's own one."""

    database: Database
    schema: str | None
    table: str

    @property
    def shown(self) -> str:
        """The URL as text."""
        return f"{self.database.shown}#{'' if self.schema is None else f'{self.schema}.'}{self.table}"


def database_url(text: str, key: str) -> Database:
    """The database that `text` names. `key`: the option or parameter that has it, for messages.

    Raises InputError for a URL of another kind, one that cannot be read, one with a password, and one with a table.
    """
    if "#" in text:
        raise InputError(
            f"{key} = {_without_secrets(text)}: it names a table, and the tables are always the same.\n"
            f"Leave out what follows the #: {_FORMS}"
        )
    return _parsed(text, key, _FORMS, text)


def table_url(text: str, key: str) -> TableUrl:
    """The table that `text` names, after a `#`. Raises InputError as `database_url`, or when no table is named."""
    database, _, name = text.partition("#")
    parsed = _parsed(database, key, _TABLE_FORMS, text)
    schema, _, table = name.rpartition(".")
    if not table:
        raise InputError(f"{key} = {parsed.shown}: it names no table.\nAdd it at the end: {_TABLE_FORMS}")
    return TableUrl(parsed, schema or None, table)


def _parsed(text: str, key: str, forms: str, whole: str) -> Database:
    """The URL `text`, which is the `whole` or its beginning."""
    found = f"{key} = {_without_secrets(whole)}"
    scheme = text.partition("://")[0]
    if scheme not in _DRIVERS:
        raise InputError(f"{found}: no database of this kind can be used.\nExpected {forms}")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # their texts may hold a part of a password
        url = None
    if url is None or "@" in whole.removeprefix(text):
        raise InputError(
            f"{found}: it cannot be read as a URL.\nExpected {forms}; write # and @ in a name as %23 and %40"
        )
    if url.password or any(name.lower() in _SECRET_KEYS for name in url.query):
        raise InputError(
            f"{found}: it holds a password, and URLs stand in files, logs and lists of processes.\n"
            "Take the password out of the URL. Set PGPASSWORD in the environment, or write it into ~/.pgpass."
        )
    if scheme == _SQLITE and url.database in {None, "", ":memory:"}:
        raise InputError(f"{found}: it names no file.\nExpected {forms}")
    return Database(
        URL.create(_DRIVERS[scheme], url.username, None, url.host, url.port, url.database, url.query)
    )


def _without_secrets(text: str) -> str:
    """The scheme, host and path of `text`: a password may stand before the host, after the path, or as the port."""
    scheme, _, rest = text.partition("://")
    place = re.sub("[?#].*", "", rest.rpartition("@")[2], flags=re.DOTALL)
    return without_secrets(f"{scheme}://{re.sub(':(?![0-9]+(/|$)).*', '', place)}")
