"""Tables in a database are made, and brought up to date: a column is added, and nothing that exists is changed."""

import pytest

from pipeline.crm.sinks.database import write_to_database
from pipeline.database.url import database_url as parsed
from pipeline.errors import InputError
from tests.support.databases import DAY, LATER, as_held, execute, held, listed


def deliver(url: str, *arguments: object, **columns: object) -> None:
    rows = listed(*arguments, **columns)  # type: ignore[arg-type]
    write_to_database(rows, rows["as_of"][0], parsed(url, "--out"))


def test_a_new_column_is_added_and_the_view_shows_it(database_url: str) -> None:
    deliver(database_url, 3)
    deliver(database_url, 3, LATER, email=["a@x", None, ""])
    table, today = held(database_url), held(database_url, "lastlogin_today")
    assert table["email"].to_list() == [None, None, None, "a@x", None, ""]
    assert today.equals(as_held(listed(3, LATER, email=["a@x", None, ""])), null_equal=True)
    deliver(database_url, 3, LATER)  # a column that the list no longer has stays
    assert held(database_url, "lastlogin_today")["email"].to_list() == ["a@x", None, ""]


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (
            (
                "ALTER TABLE lastlogin_list DROP COLUMN rank",
                "ALTER TABLE lastlogin_list ADD COLUMN rank TEXT",
            ),
            r"table lastlogin_list: column rank is TEXT, expected BIGINT\.\nChange the type",
        ),
        (
            (
                "DROP TABLE lastlogin_list",
                "CREATE TABLE lastlogin_list (user_id TEXT, PRIMARY KEY (user_id))",
            ),
            r"its primary key is \(user_id\), expected \(user_id, as_of\)\.\nGive it",
        ),
        (
            ("UPDATE lastlogin_meta SET version = 2",),
            r"table lastlogin_meta: version is 2, expected 1: another version of lastlogin made the tables",
        ),
    ],
)
def test_tables_of_another_form_are_refused_and_stay(
    database_url: str, statements: tuple[str, ...], message: str
) -> None:
    deliver(database_url, 3)
    execute(database_url, "DROP VIEW lastlogin_today", *statements)
    before = held(database_url, "lastlogin_meta"), held(database_url)
    with pytest.raises(InputError, match=message):
        deliver(database_url, 2, LATER, email=["a", "b"])
    after = held(database_url, "lastlogin_meta"), held(database_url)
    assert all(one.equals(other, null_equal=True) for one, other in zip(before, after, strict=True))


def test_a_table_without_its_view_gets_it_back(database_url: str) -> None:
    deliver(database_url, 3)
    execute(database_url, "DROP VIEW lastlogin_today")
    deliver(database_url, 3)
    assert held(database_url, "lastlogin_today").height == 3


def test_a_column_with_too_long_a_name_is_refused(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        return
    with pytest.raises(
        InputError, match=r"has 70 bytes, and the database allows 63\.\nGive the column a shorter name"
    ):
        deliver(database_url, 1, DAY, **{"x" * 70: ["y"]})
