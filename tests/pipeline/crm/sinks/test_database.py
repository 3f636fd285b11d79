"""A list in a database is the list, whole or not at all, however often and in whatever order it is delivered."""

import subprocess
import sys
from datetime import date
from typing import Any

import polars as pl
import pytest
import sqlalchemy
from sqlalchemy import event

from pipeline.crm.sinks.database import write_to_database
from pipeline.database import day_rows
from pipeline.database.url import database_url as parsed
from pipeline.errors import InputError
from tests.support.databases import DAY, LATER, as_held, held, listed
from tests.support.paths import ROOT


def deliver(url: str, rows: pl.DataFrame, as_of: date = DAY) -> None:
    write_to_database(rows, as_of, parsed(url, "--out"))


def test_what_is_delivered_is_there_value_by_value_and_twice_is_once(database_url: str) -> None:
    rows = listed(40)
    for _ in range(2):
        deliver(database_url, rows)
        assert held(database_url).equals(as_held(rows), null_equal=True)
        assert held(database_url, "lastlogin_today").equals(as_held(rows), null_equal=True)
        assert held(database_url, "lastlogin_meta").select(
            "version", pl.col("newest_as_of").cast(pl.String)
        ).rows() == [(1, str(DAY))]


def test_the_rows_of_a_day_are_replaced_and_those_of_other_days_stay(database_url: str) -> None:
    deliver(database_url, listed(10))
    deliver(database_url, listed(6, LATER), LATER)
    changed = listed(8, version="v2").filter(pl.col("rank") > 2)
    deliver(database_url, changed)
    assert held(database_url).equals(as_held(pl.concat([changed, listed(6, LATER)])), null_equal=True)
    assert set(held(database_url, "lastlogin_today")["as_of"]) == {LATER}


def test_an_empty_list_is_a_list(database_url: str) -> None:
    deliver(database_url, listed(3))
    deliver(database_url, listed(3, LATER), LATER)
    deliver(database_url, listed(0, LATER), LATER)
    assert held(database_url).equals(as_held(listed(3)), null_equal=True)
    assert held(database_url, "lastlogin_today").is_empty()


def test_more_rows_than_are_sent_at_a_time(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_rows, "_PART_ROWS", 7)
    deliver(database_url, listed(50))
    assert held(database_url).equals(as_held(listed(50)), null_equal=True)


def test_a_user_who_is_listed_twice_is_refused(database_url: str) -> None:
    deliver(database_url, listed(3))
    with pytest.raises(InputError, match=r"cannot affect row a second time|UNIQUE constraint failed"):
        deliver(database_url, pl.concat([listed(3, version="v2")] * 2))
    assert held(database_url).equals(as_held(listed(3)), null_equal=True)


class InjectedError(Exception):
    """The failure of a test."""


def test_a_failure_before_a_statement_leaves_the_former_list(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, new = listed(9), listed(7, version="v2", email=["x"] * 7)
    deliver(database_url, former)
    monkeypatch.setattr(day_rows, "_PART_ROWS", 3)
    whole = day_rows._as_csv
    point, count = -1, 0

    def step(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == point:
            raise InjectedError

    def parts(rows: pl.DataFrame) -> Any:
        for part in whole(rows):
            step()
            yield part

    monkeypatch.setattr(day_rows, "_as_csv", parts)
    event.listen(sqlalchemy.Engine, "before_cursor_execute", step)
    try:
        for point in range(1, 100, 4):  # noqa: B007  # `step` reads it
            count = 0
            try:
                deliver(database_url, new)
            except InjectedError:
                count = -1_000
                assert held(database_url).equals(as_held(former), null_equal=True)
            else:
                break
    finally:
        event.remove(sqlalchemy.Engine, "before_cursor_execute", step)
    assert point > 8
    assert held(database_url).equals(as_held(new), null_equal=True)


def test_a_kill_at_any_point_leaves_the_former_list_or_the_new_one(database_url: str) -> None:
    command = [sys.executable, "-m", "tests.support.killed_delivery", database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *killed, last = done.stdout.split()
    assert (set(killed), last) == ({"former"}, "new")
    assert len(killed) >= 8
    assert held(database_url).equals(as_held(listed(7, version="v2")), null_equal=True)
