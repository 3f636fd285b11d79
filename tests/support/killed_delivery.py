"""`python -m tests.support.killed_delivery URL`: kills a delivery before every second statement or part, by SIGKILL.

Prints what the database holds after each kill, and at last after a delivery that ended by itself: `former`, `new`, or
`mixed`.
"""

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import polars as pl
import sqlalchemy
from sqlalchemy import event

from pipeline.crm.sinks.database import write_to_database
from pipeline.database import day_rows
from pipeline.database.url import Database, database_url
from tests.support.databases import DAY, connected, listed

_FORMER, _NEW = 9, 7
_PART_ROWS = 3


def main(url: str) -> None:
    """Kill at the first point, the third, and so on."""
    database = database_url(url, "URL")
    in_child(database, -1, "v1", _FORMER)
    point, killed = 0, True
    while killed:
        killed = in_child(database, point, "v2", _NEW)
        sys.stdout.write(f"{found(url)}\n")
        point += 2


def in_child(database: Database, point: int, version: str, users: int) -> bool:
    """Whether a delivery was killed at that point; else it had fewer points.

    In a child, so that this process never uses the threads of Polars, which a fork does not copy.
    """
    child = os.fork()
    if child == 0:
        kill_at(point)
        write_to_database(listed(users, version=version), DAY, database)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def kill_at(point: int) -> None:
    """Kill this process before a statement or a part, the one of that number."""
    count, whole = 0, day_rows._as_csv

    def step(*_: Any) -> None:
        nonlocal count
        if count == point:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    def parts(rows: pl.DataFrame) -> Iterator[str]:
        for part in whole(rows):
            step()
            yield part

    day_rows._PART_ROWS = _PART_ROWS
    day_rows._as_csv = parts
    event.listen(sqlalchemy.Engine, "before_cursor_execute", step)
    event.listen(sqlalchemy.Engine, "commit", step)


def found(url: str) -> str:
    """The list that the database holds."""
    with connected(url) as connection:
        query = "SELECT model_version, count(*) FROM lastlogin_list GROUP BY model_version"
        rows = {tuple(row) for row in connection.exec_driver_sql(query)}
    return {(("v1", _FORMER),): "former", (("v2", _NEW),): "new"}.get(tuple(rows), "mixed")


if __name__ == "__main__":
    main(sys.argv[1])
