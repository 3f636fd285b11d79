"""A URL says which database or table is meant; a password in it is refused and never shown."""

import pytest

from pipeline.database.url import database_url, table_url
from pipeline.errors import InputError

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql+psycopg://crm@db.example:5433/crm", "postgresql+psycopg://crm@db.example:5433/crm"),
        ("postgresql://crm@db/crm?sslmode=require", "postgresql+psycopg://crm@db/crm?sslmode=require"),
        ("postgres:///crm", "postgresql+psycopg:///crm"),
        ("sqlite:///crm.db", "sqlite:///crm.db"),
        ("sqlite:////srv/crm.db", "sqlite:////srv/crm.db"),
    ],
)
def test_a_database_is_named_by_its_url(text: str, shown: str) -> None:
    assert database_url(text, "--out").shown == shown


@pytest.mark.parametrize(
    ("text", "schema", "table"),
    [
        ("postgresql://crm@db/crm#opt_outs", None, "opt_outs"),
        ("postgresql://crm@db/crm?sslmode=require#crm.opt_outs", "crm", "opt_outs"),
        ("sqlite:///crm.db#opt_outs", None, "opt_outs"),
    ],
)
def test_a_table_is_named_after_the_url(text: str, schema: str | None, table: str) -> None:
    found = table_url(text, "path")
    assert (found.schema, found.table) == (schema, table)
    assert found.shown.endswith(text.partition("#")[2])


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://crm:{SECRET}@db/crm",
        f"postgresql://crm@db/crm?password={SECRET}",
        f"postgresql://crm@db/crm?sslpassword={SECRET}&sslmode=require",
        f"postgresql://crm@db/crm?p%61ssword={SECRET}",
        f"postgresql://crm@db/crm?PASSWORD={SECRET}",
        f"POSTGRESQL://crm:{SECRET}@db/crm",
        f"host=db user=crm password={SECRET}",
        f"postgresql://crm:a/{SECRET}@db:x/crm",
        f"postgresql://crm:a@{SECRET}@db/crm",
        f"postgresql://crm:12#{SECRET}@db/crm",
        f"postgresql://crm:{SECRET}",
        f"mysql://crm:{SECRET}@db/crm",
    ],
)
def test_a_password_is_refused_and_not_shown(text: str) -> None:
    for read, given in ((database_url, text), (table_url, f"{text}#opt_outs")):
        with pytest.raises(InputError) as refused:
            read(given, "--out")
        assert SECRET not in str(refused.value)


def test_a_password_is_told_where_to_go() -> None:
    with pytest.raises(
        InputError, match=r"--out = postgresql://db/crm: it holds a password[^\0]*Set PGPASSWORD"
    ):
        database_url(f"postgresql://crm:{SECRET}@db/crm", "--out")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mysql://db/crm", "no database of this kind can be used"),
        ("postgresql+psycopg2://db/crm", "no database of this kind can be used"),
        ("s3://bucket/lists", "no database of this kind can be used"),
        ("sqlite://", "it names no file"),
        ("sqlite:///:memory:", "it names no file"),
        ("postgresql://db:port/crm", "it cannot be read as a URL"),
        ("postgresql://db/crm#lists", "it names a table, and the tables are always the same"),
    ],
)
def test_what_is_no_database_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=f"--out = [^\n]*: {message}.*\n.*postgresql\\+psycopg://USER@HOST"):
        database_url(text, "--out")


@pytest.mark.parametrize("text", ["postgresql://db/crm", "postgresql://db/crm#", "postgresql://db/crm#crm."])
def test_a_table_must_be_named(text: str) -> None:
    with pytest.raises(InputError, match=r"it names no table\.\nAdd it at the end: [^\n]*#SCHEMA\.TABLE"):
        table_url(text, "path")
