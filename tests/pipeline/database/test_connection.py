"""A transaction is tried again while the server is down, and not when a retry never helps."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection

from benchmarks.support.postgres import Postgres
from pipeline.database import connection as module
from pipeline.database.connection import in_transaction
from pipeline.database.url import database_url as parsed
from pipeline.errors import InputError, ServerError
from tests.support.databases import execute, held

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(module.time, "sleep", slept.append)
    return slept


def number(connection: Connection) -> object:
    return connection.exec_driver_sql("SELECT 1").scalar_one()


def test_a_server_that_is_down_is_tried_again_five_times(
    waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        ServerError, match=r"127\.0\.0\.1:9/crm: connection[^\0]*6 tries within 31 s\. Start it"
    ):
        in_transaction(parsed("postgresql://crm@127.0.0.1:9/crm", "--out"), number, writes=True)
    assert waits == [1, 2, 4, 8, 16]
    assert capsys.readouterr().err.count("The next try is in") == 5


def test_a_server_that_breaks_off_is_asked_again_from_the_beginning(
    server: Postgres, waits: list[float]
) -> None:
    url, tries = server.url(server.new_schema()), []

    def work(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE t (number BIGINT)")
        connection.exec_driver_sql(f"INSERT INTO t VALUES ({len(tries)})")
        tries.append(1)
        if len(tries) < 3:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    in_transaction(parsed(url, "--out"), work, writes=True)
    assert (held(url, "t")["number"].to_list(), waits) == ([2], [1, 2])


def test_what_a_retry_never_helps_is_refused_at_once(
    server: Postgres, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = server.new_schema()
    with pytest.raises(InputError, match=r'database refuses: [^\0]*database "gone" does not exist'):
        in_transaction(parsed(server.url(name).replace("/postgres?", "/gone?"), "--out"), number, writes=True)
    with pytest.raises(InputError, match=r"fe_sendauth: no password supplied|no password"):
        in_transaction(parsed(server.url_by_tcp(name), "--out"), number, writes=True)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with pytest.raises(InputError, match="password authentication failed") as refused:
        in_transaction(parsed(server.url_by_tcp(name), "--out"), number, writes=True)
    assert SECRET not in str(refused.value)
    with pytest.raises(InputError, match=r'invalid connection option "nonsense"'):
        in_transaction(parsed(f"{server.url(name)}&nonsense=1", "--out"), number, writes=True)
    monkeypatch.setenv("PGPASSWORD", server.password)
    assert in_transaction(parsed(server.url_by_tcp(name), "--out"), number, writes=True) == 1
    assert waits == []


def test_the_password_of_a_pgpass_file_is_used(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:{server.port}:*:{server.user}:{server.password}\n", "utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert in_transaction(parsed(server.url_by_tcp("public"), "--out"), number, writes=False) == 1


def test_an_error_shows_no_value_of_a_row(database_url: str) -> None:
    execute(database_url, "CREATE TABLE t (user_id TEXT PRIMARY KEY)")

    def work(connection: Connection) -> None:
        for _ in range(2):
            connection.exec_driver_sql("INSERT INTO t VALUES ('u0001')")

    with pytest.raises(InputError, match=r"the database refuses: [^\0]*Correct the URL") as refused:
        in_transaction(parsed(database_url, "--out"), work, writes=True)
    assert "u0001" not in str(refused.value)
    assert held(database_url, "t").is_empty()


def test_whoever_reads_cannot_write(server: Postgres) -> None:
    with pytest.raises(InputError, match="read-only transaction"):
        in_transaction(
            parsed(server.url(server.new_schema()), "path"),
            lambda connection: connection.exec_driver_sql("CREATE TABLE t (number BIGINT)"),
            writes=False,
        )


def test_a_locked_file_is_tried_again_and_one_that_is_no_database_is_not(
    tmp_path: Path, waits: list[float]
) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}?timeout=0"
    execute(url, "CREATE TABLE t (number BIGINT)")
    with sqlite3.connect(tmp_path / "crm.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ServerError, match="database is locked"):
            in_transaction(parsed(url, "--out"), number, writes=True)
    other.close()
    assert len(waits) == 5
    (tmp_path / "text.db").write_text("no database at all" * 100, "utf-8")
    with pytest.raises(InputError, match="file is not a database"):
        in_transaction(parsed(f"sqlite:///{tmp_path / 'text.db'}", "--out"), number, writes=True)
    with pytest.raises(ServerError, match=r"unable to open database file\.\nGive the folder space"):
        in_transaction(parsed(f"sqlite:///{tmp_path}", "--out"), number, writes=True)
    with pytest.raises(InputError, match="there is no such file"):
        in_transaction(parsed(f"sqlite:///{tmp_path / 'gone.db'}", "path"), number, writes=False)
    assert not (tmp_path / "gone.db").exists()
    assert len(waits) == 5
