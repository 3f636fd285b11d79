"""A list of 100,000 users goes to PostgreSQL: beside a plain COPY into the same table, and killed at twenty points.

Server, delivery and COPY run in the same minutes on the same machine, so the ratio is what counts. COPY does less: it
can neither replace rows nor be repeated.
"""

import sys
import time
from contextlib import closing
from statistics import median
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory

from benchmarks.support.entries import Entry
from benchmarks.support.postgres import Postgres, postgres, reason_to_skip
from benchmarks.support.processes import CommandError, python
from benchmarks.support.projects import ROOT

USERS = 100_000
KILLS = 20
_ROUNDS = 5


def on_sinks(users: int | None) -> list[Entry]:
    """Users per second of a delivery beside those of COPY, of a repeat, and of SQLite; then lists mixed by kills."""
    reason = reason_to_skip()
    if reason is not None:
        sys.stderr.write(f"bench: {reason}, so sinks are left out\n")
        return []
    number = users or USERS
    with postgres() as server, TemporaryDirectory(prefix="lastlogin-bench-") as folder:
        seconds = _beside_copy(server, number)
        sqlite = _seconds(f"sqlite:///{folder}/crm.db", number, "v1")
        mixed = _mixed_lists(server, number, seconds["again"])
    speed = {name: number / taken for name, taken in seconds.items()}
    return [
        Entry(
            "deliver a list to PostgreSQL", "users/s", speed["list"], {"COPY": speed["copy"]}, None, number
        ),
        Entry("deliver it once more", "users/s", speed["again"], {"COPY": speed["copy"]}, None, number),
        Entry("deliver a list to SQLite", "users/s", number / sqlite, {}, None, number),
        Entry(f"mixed lists after {KILLS} kills", "lists", mixed, {}, None, number),
    ]


def _beside_copy(server: Postgres, users: int) -> dict[str, float]:
    """Median seconds of a delivery into an empty table, of a repeat, and of COPY into the same empty table."""
    taken: dict[str, list[float]] = {"list": [], "again": [], "copy": []}
    url = server.url(server.new_schema())
    _seconds(url, 1, "v0")  # makes the tables
    for number in range(_ROUNDS):
        for how in ("copy", "list"):
            _execute(server, url, "TRUNCATE lastlogin_list")
            taken[how].append(_seconds(url, users, f"v{number}", how))
        taken["again"].append(_seconds(url, users, f"v{number}"))
    return {name: median(values) for name, values in taken.items()}


def _mixed_lists(server: Postgres, users: int, seconds: float) -> int:
    """How often a table held neither the former list nor the new one after a delivery was killed by SIGKILL.

    The points are spread evenly over the time that a delivery takes.
    """
    url = server.url(server.new_schema())
    _seconds(url, users, "former")
    mixed = 0
    for point in range(KILLS):
        process = _started(url, users, "new", "list")
        time.sleep(seconds * (point + 0.5) / KILLS)
        process.kill()
        process.communicate()
        found = dict(
            _rows(server, url, "SELECT model_version, count(*) FROM lastlogin_list GROUP BY model_version")
        )
        sys.stderr.write(f"bench: sinks: killed at {(point + 0.5) / KILLS:.0%}: {found}\n")
        mixed += found not in ({"former": users}, {"new": users})
        if "new" in found:
            _seconds(url, users, "former")
    return mixed


def _seconds(url: str, users: int, version: str, how: str = "list") -> float:
    process = _started(url, users, version, how)
    said, errors = process.communicate()
    if process.returncode != 0:
        raise CommandError(f"delivered_list.py: ended with {process.returncode}.\n{errors.decode()[-2000:]}")
    return float(said.split()[-1])


def _started(url: str, users: int, version: str, how: str) -> Popen[bytes]:
    """A delivery in a process of its own, at the moment at which it begins."""
    command = python("-m", "benchmarks.tasks.delivered_list", url, str(users), version, how)
    process = Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    if process.stdout is not None:
        process.stdout.readline()
    return process


def _execute(server: Postgres, url: str, statement: str) -> None:
    with closing(server.connect()) as connection:
        connection.execute(f"SET search_path = {url.rpartition('%3D')[2]}".encode())
        connection.execute(statement.encode())


def _rows(server: Postgres, url: str, query: str) -> list[tuple[str, int]]:
    with closing(server.connect()) as connection:
        connection.execute(f"SET search_path = {url.rpartition('%3D')[2]}".encode())
        return [(version, count) for version, count in connection.execute(query.encode())]
