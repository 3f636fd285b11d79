"""A list is delivered once a day and in order; episodes run over the following lists."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from benchmarks.support.postgres import Postgres
from pipeline.cli import app
from pipeline.crm.ledger.files import entry_of
from pipeline.database import connection
from pipeline.storage.files import read_json
from tests.support.crm_tools import cells, rows_of, upload
from tests.support.databases import as_held, execute, held, make_table
from tests.support.finished import MLFLOW_WARNINGS
from tests.support.model_rows import bytes_below
from tests.support.scored_shop import asked, changed, last_day, scored_shop

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]


@pytest.fixture(scope="module")
def shop() -> Path:
    return scored_shop()


def test_a_list_of_a_day_is_delivered_once_and_a_repeat_says_what_would_differ(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert asked(shop, monkeypatch, "--out", "once")[0] == 0
    before = bytes_below(shop / "once")
    code, printed = asked(shop, monkeypatch, "--out", "once")
    said = printed + capfd.readouterr().err
    assert code == 0
    assert "was delivered before, and stays as it is; it would be the same today." in said
    day = last_day(shop)
    lines = pl.read_csv(shop / "shop.csv", infer_schema=False)
    listed = pl.read_parquet(shop / f"once/{day}/list.parquet")
    lines.filter(pl.col("customer") != listed["user_id"][0]).write_csv(shop / "late.csv")
    code, printed = asked(shop, monkeypatch, "--out", "once", "--log", "late.csv", "--as-of", day.isoformat())
    said = printed + capfd.readouterr().err
    assert (code, " of its rows would differ today." in said) == (0, True), said
    assert bytes_below(shop / "once") == before
    late = ("--out", "once", "--log", "late.csv", "--as-of", day.isoformat(), "--replace")
    code, printed = asked(shop, monkeypatch, *late)
    said = printed + capfd.readouterr().err
    assert (code, f"The list as of {day} is replaced: " in said) == (0, True), said
    replaced = pl.read_parquet(shop / f"once/{day}/list.parquet")
    assert set(listed["user_id"]) - set(replaced["user_id"]) == {listed["user_id"][0]}
    entry = pl.read_parquet(shop / f"once/ledger/as_of={day}/list.parquet")
    assert set(entry["user_id"]) == set(replaced["user_id"])


@pytest.fixture(scope="module")
def two_days(shop: Path) -> tuple[date, date]:
    """The days of two lists for Braze below `days`."""
    days = last_day(shop) - timedelta(days=3), last_day(shop)
    with pytest.MonkeyPatch.context() as patch:
        for day in days:
            words = ("--as-of", day.isoformat(), "--out", "days", "--accept-change", "--profile", "braze")
            assert asked(shop, patch, *words)[0] == 0
    return days


def test_a_list_for_a_tool_has_its_files_and_the_changes_since_the_last(
    shop: Path, two_days: tuple[date, date]
) -> None:
    first, second = (shop / "days" / day.isoformat() for day in two_days)
    assert (first / "changes.csv").read_bytes() == (first / "list.csv").read_bytes()
    whole, changed = (rows_of(second / name) for name in ("list.csv", "changes.csv"))
    assert list(whole[0])[:3] == ["external_id", "churn_percent", "risk_band"]
    left = {row["external_id"] for row in rows_of(first / "list.csv")} - {row["external_id"] for row in whole}
    assert left
    assert {row["external_id"] for row in changed if row["risk_band"] == "none"} == left
    store = upload({}, "external_id", [first / "changes.csv", second / "changes.csv"])
    for row in whole:
        user = row.pop("external_id")
        held = {name: cells(store, user, name) for name in row}
        assert all(cell == held[name] for name, cell in row.items() if cell)
        assert {held[name] for name, cell in row.items() if not cell} <= {None, "none", "1970-01-01"}
    save = rows_of(second / "lists/save.csv")
    assert {row["external_id"] for row in save} <= {
        row["external_id"] for row in rows_of(second / "list.csv")
    }
    assert list(save[0])[-1] == "why"
    said = read_json(second / "summary.json")["csv"]
    assert (said["profile"], said["files"], said["changes"]["files"]) == (
        "braze",
        ["list.csv"],
        ["changes.csv"],
    )
    assert said["changes"]["values"] == sum(sum(map(bool, row.values())) - 1 for row in changed)
    assert said["changes"]["users_reset"] == len(left)
    assert said["lists"]["winback"] == ["winback.csv"]
    back = rows_of(second / "lists/winback.csv")
    assert len(back) == pl.read_parquet(second / "lists/winback.parquet").height > 10
    assert list(back[0])[-2:] == ["came_for", "new_since"]
    assert all(row["external_id"] and row["why"] and row["play"] for row in back)


def test_an_episode_runs_over_the_following_lists_with_arm_and_play_as_they_were(
    shop: Path,
    two_days: tuple[date, date],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    first, second = two_days
    before, after = (
        pl.read_parquet(shop / f"days/ledger/as_of={day}/list.parquet") for day in (first, second)
    )
    begun = before.filter(pl.col("arm").is_not_null())
    assert begun.height > 5
    assert set(begun["episode"]) == {first}
    kept = begun.join(after, on="user_id", suffix="_after").filter(~pl.col("duty_after"))
    assert kept.height > 2
    for name in ("arm", "play", "next_step", "style", "episode"):
        assert kept[name].equals(kept[f"{name}_after"], null_equal=True)
    assert set(after.filter(pl.col("arm").is_not_null())["episode"]) <= {first, second}
    for_import = {
        user
        for file in (shop / f"days/{second}/lists").glob("*.parquet")
        for user in pl.read_parquet(file)["user_id"]
    }
    held_out = before.filter(pl.col("arm") == "holdout")["user_id"]
    assert held_out.len() > 0
    assert not for_import & set(held_out), "their comparison runs: they are contacted by no list"
    assert for_import & set(begun["user_id"])
    before_repeat = bytes_below(shop / "days")
    words = ("--as-of", first.isoformat(), "--out", "days")
    code, printed = asked(shop, monkeypatch, *words)
    assert (code, "Its CSV files are for braze, not for plain." in printed + capfd.readouterr().err) == (
        0,
        True,
    )
    code, refused = asked(shop, monkeypatch, *words, "--replace")
    refused += capfd.readouterr().err
    assert (code, f"cannot be replaced: a list as of {second} was delivered after it" in refused) == (2, True)
    assert bytes_below(shop / "days") == before_repeat
    summary = read_json(shop / f"days/{second}/summary.json")
    assert summary["contact"]["running"] + summary["holdout"]["running"] == kept.height
    assert "held out" in printed


def test_a_day_before_the_last_delivered_list_is_refused(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert asked(shop, monkeypatch, "--out", "order")[0] == 0
    day = last_day(shop) - timedelta(days=1)
    code, printed = asked(shop, monkeypatch, "--as-of", day.isoformat(), "--out", "order")
    said = printed + capfd.readouterr().err
    assert (code, "Lists are delivered in the order of their days" in said) == (2, True), said
    assert not (shop / "order" / day.isoformat()).exists()


def test_a_list_without_holdout_must_be_asked_for(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code, printed = changed(shop, monkeypatch, "--out", "all", holdout__share=0)
    said = printed + capfd.readouterr().err
    assert (code, "lastlogin score --no-holdout" in said) == (2, True), said
    code, printed = changed(shop, monkeypatch, "--out", "all", "--no-holdout", holdout__share=0)
    assert code == 0, printed
    assert pl.read_parquet(shop / f"all/{last_day(shop)}/list.parquet").filter(action="holdout").is_empty()


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
    shop: Path,
    server: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(connection.time, "sleep", lambda _: None)
    url, sqlite = server.url(server.new_schema()), f"sqlite:///{tmp_path}/crm.db"
    places = [word for one in ("both", sqlite, "postgresql://crm@127.0.0.1:9/crm") for word in ("--out", one)]
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
    words = ("deliver", str(day), "--out", "both", "--out", url)
    assert CliRunner().invoke(app, words).exit_code == 0
    for database in (sqlite, url):
        assert held(database).select(made.columns).equals(as_held(made), null_equal=True)
