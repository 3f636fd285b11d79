"""A list goes to databases too; while one is down the list is kept, and `lastlogin deliver` sends it later."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.support.postgres import Postgres
from pipeline.cli import app
from pipeline.commands.outs import outs_of
from pipeline.crm.ledger.files import entry_of
from pipeline.database import connection
from pipeline.errors import InputError
from pipeline.storage.datasets import DAILY_LISTS
from pipeline.storage.frames import write_parquet
from tests.support.databases import DAY, LATER, as_held, execute, held, listed
from tests.support.model_rows import bytes_below

DOWN = "postgresql://crm@127.0.0.1:9/crm"
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.time, "sleep", lambda _: None)


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """A folder with two delivered lists."""
    for day in (DAY, LATER):
        write_parquet(listed(5, day), tmp_path / f"lists/{day}/list.parquet")
        write_parquet(listed(5, day), entry_of(tmp_path / "lists", day))
    return tmp_path / "lists"


def deliver(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["deliver", *words])
    return done.exit_code, done.output


def test_outs_are_one_folder_and_databases() -> None:
    assert outs_of([]).folder == DAILY_LISTS.path
    outs = outs_of(["sqlite:///a.db", "lists", "postgresql://crm@db/crm"])
    assert outs.folder == Path("lists")
    assert [one.shown for one in outs.databases] == ["sqlite:///a.db", "postgresql+psycopg://crm@db/crm"]
    with pytest.raises(
        InputError, match=r"--out: a, b are 2 folders, and the ledger is in one\.\nGive one folder"
    ):
        outs_of(["a", "b"])


def test_a_delivered_list_is_sent_again_and_twice_is_once(lists: Path, database_url: str) -> None:
    before = bytes_below(lists)
    for _ in range(2):
        code, printed = deliver(str(DAY), "--out", str(lists), "--out", database_url)
        assert (code, "5 users as of 2024-03-31" in printed) == (0, True), printed
        assert held(database_url).equals(as_held(listed(5)), null_equal=True)
    assert bytes_below(lists) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((str(DAY),), "--out names no database"),
        (("today", "--out", "sqlite:///crm.db"), "DAY today: not a date"),
        (
            ("2024-03-30", "--out", "sqlite:///crm.db"),
            "has been delivered; the last ones: 2024-03-31, 2024-04-01.",
        ),
        ((str(DAY), "--out", f"postgresql://crm:{SECRET}@db/crm"), "it holds a password"),
    ],
)
def test_what_cannot_be_sent_is_said(lists: Path, words: tuple[str, ...], message: str) -> None:
    code, printed = deliver(*words, "--out", str(lists))
    assert (code, message in printed, SECRET in printed) == (2, True, False), printed


def test_a_list_that_was_removed_cannot_be_sent(lists: Path, tmp_path: Path) -> None:
    (lists / f"{DAY}/list.parquet").unlink()
    code, printed = deliver(str(DAY), "--out", str(lists), "--out", f"sqlite:///{tmp_path}/crm.db")
    assert (code, "list.parquet: there is no such file" in printed) == (2, True)


def test_a_server_that_is_down_does_not_keep_the_list_from_others(lists: Path, tmp_path: Path) -> None:
    sqlite = f"sqlite:///{tmp_path}/new/crm.db"
    code, printed = deliver(str(LATER), "--out", DOWN, "--out", str(lists), "--out", sqlite)
    assert code == 1
    assert "Delivered to sqlite" in printed
    assert f"The list is kept in {lists}/{LATER}. Send it: lastlogin deliver {LATER}" in printed
    assert held(sqlite).height == 5


def test_a_retyped_column_is_refused_whatever_else_is_down(lists: Path, database_url: str) -> None:
    assert deliver(str(DAY), "--out", str(lists), "--out", database_url)[0] == 0
    execute(
        database_url,
        "DROP VIEW lastlogin_today",
        "ALTER TABLE lastlogin_list DROP COLUMN rank",
        "ALTER TABLE lastlogin_list ADD COLUMN rank TEXT",
    )
    code, printed = deliver(str(LATER), "--out", str(lists), "--out", database_url)
    assert (code, "column rank is TEXT, expected BIGINT" in printed) == (2, True)


def test_after_an_outage_the_list_is_sent_and_no_password_is_seen(
    lists: Path, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url_by_tcp(server.new_schema())
    words = (str(DAY), "--out", str(lists), "--out", url)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    refused = deliver(*words)
    monkeypatch.setenv("PGPASSWORD", server.password)
    server.stop()
    try:
        down = deliver(*words)
    finally:
        server.start()
    code, printed = deliver(*words)
    assert (refused[0], down[0], code) == (2, 1, 0)
    assert "password authentication failed" in refused[1]
    assert "Connection refused" in down[1]
    seen = "".join([refused[1], down[1], printed, *map(str, bytes_below(lists).values())])
    assert (SECRET in seen, server.password in seen) == (False, False)
    assert held(url).equals(as_held(listed(5)), null_equal=True)
