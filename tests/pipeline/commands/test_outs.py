"""A list goes to databases too; while one is down the list is kept, and `lastlogin deliver` sends it later."""

from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from benchmarks.support.postgres import Postgres
from pipeline.cli import app
from pipeline.commands.outs import outs_of
from pipeline.crm.ledger.files import entry_of
from pipeline.database import connection
from pipeline.errors import InputError
from pipeline.storage.datasets import DAILY_LISTS
from pipeline.storage.frames import write_parquet
from tests.support.databases import DAY, LATER, as_held, execute, held, listed, make_table
from tests.support.finished import MLFLOW_WARNINGS
from tests.support.model_rows import bytes_below
from tests.support.scored_shop import changed, last_day, scored_shop

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]

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


def with_sources(shop: Path, url: str) -> dict[str, object]:
    """Put the shop's log and tables into a database, and write a contract that reads them. Returns the parameters."""
    lines = pl.read_csv(shop / "shop.csv", schema_overrides={"sum": pl.Float64})
    make_table(url, "events", lines)
    execute(url, "ALTER TABLE events ALTER COLUMN time TYPE TIMESTAMP USING time::TIMESTAMP")
    make_table(url, "people", pl.read_csv(shop / "users.csv"))
    make_table(url, "opt_outs", pl.read_parquet(shop / "data/crm/list.parquet").select(id="user_id").head(1))
    contacts = {"user_id": ["c1"], "contacted_at": ["2024-02-01"], "play": ["x"], "channel": ["mail"]}
    make_table(url, "contacts", pl.DataFrame(contacts))
    contract = yaml.safe_load((shop / "shop.yaml").read_text("utf-8")) | {"format": "parquet"}
    contract["users"]["path"] = f"{url}#people"
    (shop / "sql.yaml").write_text(yaml.safe_dump(contract), "utf-8")
    rule = {"name": "opted_out", "path": f"{url}#opt_outs", "column": "id", "until": None}
    return {"never_contact__rules": [rule], "contacts__path": f"{url}#contacts"}


def test_a_list_is_made_from_databases_and_delivered_to_databases(
    server: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop, url, sqlite = scored_shop(), server.url(server.new_schema()), f"sqlite:///{tmp_path}/crm.db"
    places = [word for one in ("both", sqlite, DOWN) for word in ("--out", one)]
    words = ("--log", f"{url}#events", "--contract", "sql.yaml", *places)
    code, printed = changed(shop, monkeypatch, *words, **with_sources(shop, url))
    day = last_day(shop)
    said = printed + capfd.readouterr().err
    assert (code, f"CRM list: both/{day}/list.csv" in said, "Delivered to sqlite" in said) == (
        1,
        True,
        True,
    ), said
    made = pl.read_parquet(shop / f"both/{day}/list.parquet")
    assert entry_of(shop / "both", day).is_file()
    preview = pl.read_parquet(shop / "data/crm/list.parquet")
    assert made.filter(pl.col("excluded_by") == "opted_out")["user_id"].to_list() == [preview["user_id"][0]]
    known = [
        "user_id",
        "churn_probability",
        "login_probability",
        "expected_revenue",
        "reason_1_text",
        "style",
    ]
    assert made.select(known).sort("user_id").equals(preview.select(known).sort("user_id"), null_equal=True)
    monkeypatch.chdir(shop)
    assert deliver(str(day), "--out", "both", "--out", url)[0] == 0
    for database in (sqlite, url):
        assert held(database).select(made.columns).equals(as_held(made), null_equal=True)
