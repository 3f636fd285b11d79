"""Tables are read in chunks with their types; ids and exact numbers stay as they are."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from benchmarks.support.postgres import Postgres
from pipeline.database import reading
from pipeline.database.reading import check_table, with_chunks
from pipeline.database.url import table_url
from pipeline.errors import InputError
from tests.support.databases import execute, held, make_table

OF_POSTGRESQL = """
CREATE TYPE plan AS ENUM ('free', 'pro');
CREATE TABLE users (
    id NUMERIC(30), number BIGINT, small SMALLINT, price NUMERIC(10, 2), share REAL, name VARCHAR(10), fixed CHAR(4),
    at TIMESTAMPTZ, local_at TIMESTAMP, day DATE, flag BOOLEAN, plan plan, key UUID, data JSONB, tags TEXT[], raw BYTEA,
    lasts INTERVAL
);
INSERT INTO users VALUES (
    123456789012345678901234567890, 9007199254740993, 7, 19.90, 0.5, 'ä', 'ab', '2024-03-31 02:30:00+02',
    '2024-03-31 02:30:00.25', '2024-03-31', true, 'pro', '00000000-0000-0000-0000-000000000001', '{"a": 1}',
    ARRAY['x', 'y'], '\\x6162', '1 day'
), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
"""


def test_the_types_of_postgresql(server: Postgres) -> None:
    schema = server.new_schema()
    execute(server.url(schema), "SET TIME ZONE 'Asia/Tokyo'", *OF_POSTGRESQL.split(";\n"))
    rows = held(server.url("public"), f"{schema}.users")
    assert rows.rows()[0] == (
        "123456789012345678901234567890", 9007199254740993, 7, "19.90", 0.5, "ä", "ab  ",
        datetime(2024, 3, 31, 0, 30, tzinfo=UTC), datetime(2024, 3, 31, 2, 30, 0, 250_000), date(2024, 3, 31),  # noqa: DTZ001
        True, "pro", "00000000-0000-0000-0000-000000000001", '{"a": 1}', "{x,y}", b"ab", "1 day",
    )  # fmt: skip
    assert set(rows.row(1)) == {None}
    assert rows.schema["at"] == pl.Datetime("us", "UTC")
    assert rows.schema["local_at"] == pl.Datetime("us")


def test_sqlite_gives_what_was_written(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/crm.db"
    execute(
        url,
        "CREATE TABLE users (id INTEGER, at DATETIME, price NUMERIC, flag BOOLEAN, other)",
        "INSERT INTO users VALUES (9007199254740993, '2024-03-31T02:30Z', 19.9, 1, '007')",
        "INSERT INTO users DEFAULT VALUES",
    )
    assert held(url, "users").rows() == [
        (9007199254740993, "2024-03-31T02:30Z", "19.9", True, "007"),
        (None,) * 5,
    ]
    execute(url, "INSERT INTO users (id) VALUES ('nine')")
    with pytest.raises(
        InputError, match=r"#users: column 'id' holds a value that is no Int64\.\nCorrect the value"
    ):
        held(url, "users")


def test_chunks_are_bounded_alike_and_in_the_order_of_the_key(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 10)
    execute(
        database_url,
        "CREATE TABLE t (number BIGINT, name TEXT, PRIMARY KEY (number))",
        f"INSERT INTO t VALUES {', '.join(f'({n}, NULL)' for n in reversed(range(25)))}",
    )
    chunks = with_chunks(table_url(f"{database_url}#t", "test"), list)
    assert [chunk.height for chunk in chunks] == [10, 10, 5]
    assert {chunk.schema["name"] for chunk in chunks} == {pl.String()}
    assert pl.concat(chunks)["number"].to_list() == list(range(25))


def test_a_view_and_an_empty_table_are_read_by_column(database_url: str) -> None:
    make_table(database_url, "t", pl.DataFrame({"a": ["x"], "b": [1], "c": [0.5]}))
    execute(
        database_url, "CREATE VIEW v AS SELECT b, c FROM t", "CREATE VIEW none AS SELECT * FROM t WHERE b > 1"
    )
    view = table_url(f"{database_url}#v", "test")
    assert with_chunks(view, list, ["c"], ["b", "d"])[0].rows(named=True) == [{"c": 0.5, "b": 1}]
    empty = held(database_url, "none")
    assert (empty.height, empty.schema) == (0, {"a": pl.String(), "b": pl.Int64(), "c": pl.Float64()})


def test_what_is_missing_is_said_with_what_there_is(database_url: str) -> None:
    make_table(database_url, "opt_outs", pl.DataFrame({"id": ["x"], "until": ["2024-01-01"]}))
    with pytest.raises(
        InputError, match=r"#gone: there is no such table\.\nTables and views there: opt_outs\. Correct"
    ):
        check_table(table_url(f"{database_url}#gone", "test"))
    with pytest.raises(
        InputError, match=r"#opt_outs: has no column 'user_id'\.\nIts columns: id, until\. Add"
    ):
        with_chunks(table_url(f"{database_url}#opt_outs", "test"), list, ["user_id"])


def test_a_table_that_may_not_be_read_is_refused(server: Postgres) -> None:
    name = server.new_schema()
    owner, guest = server.url(name), server.url(name).replace(f"{server.user}@", f"{name}@")
    execute(
        owner,
        "CREATE TABLE secrets (id TEXT)",
        f"CREATE ROLE {name} LOGIN",
        f"GRANT USAGE ON SCHEMA {name} TO {name}",
    )
    with pytest.raises(InputError, match="permission denied for table secrets"):
        held(guest, "secrets")
