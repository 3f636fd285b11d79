"""Past lists are evaluated by what happened: against a plain recount of the raw log."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml
from mlflow import MlflowClient
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.storage.files import read_json
from tests.support.databases import make_table
from tests.support.finished import MLFLOW_WARNINGS
from tests.support.ledger import WINDOW, entries, login_days, write_ledger
from tests.support.stage_runs import digests, run_here
from tests.support.tiny import project, visits

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]
LINES = visits()
LEDGER = entries(LINES)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with user-days and a ledger of six lists."""
    folder = project(tmp_path_factory.mktemp("judge"), LINES)
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, "rates", "ingest", "activity")
    write_ledger(LEDGER, folder / "data/lists")
    return folder


def asked(shop: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(shop)
    done = CliRunner().invoke(app, ["judge", *words])
    return done.exit_code, f"{done.output}{done.exception or ''}"


def recount(rows: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    """Whether the user of each row came on no day of the 14 after the list, one user after another."""
    of = {user: set(part["day"]) for (user,), part in days.partition_by("user_id", as_dict=True).items()}
    churned = [
        not any(as_of + timedelta(days=after) in of[user] for after in range(1, WINDOW + 1))
        for user, as_of in rows.select("user_id", "as_of").rows()
    ]
    return pl.Series("churned", churned)


def test_the_arms_churned_as_a_plain_recount_says(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = asked(shop, monkeypatch)
    assert (code, "Past lists: reports/judge.html" in printed) == (0, True)
    report = read_json(shop / "reports/judge.json")
    begun = LEDGER.filter(pl.col("arm").is_not_null())
    counted = begun.with_columns(recount(begun, login_days(LINES)))
    for arm, told in report["churn"]["arms"].items():
        of_arm = counted.filter(pl.col("arm") == arm)
        assert (told["episodes"], told["churned"]) == (of_arm.height, of_arm["churned"].sum())
    assert report["churn"]["verdict"] == "not yet"
    assert report["episodes"]["without_outcome"] == 0


def test_revenue_is_that_of_the_days_named_beside_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(shop, monkeypatch)[0] == 0
    report = read_json(shop / "reports/judge.json")
    paid = LINES.filter(pl.col("sum") != "").select(
        user_id="customer",
        day=pl.col("time").str.head(10).str.to_date(),
        paid=pl.col("sum").cast(pl.Float64),
    )
    since = (pl.col("day") - pl.col("as_of")).dt.total_days()
    begun = LEDGER.filter(pl.col("arm").is_not_null())
    ahead = (
        begun.join(paid, on="user_id").filter((since > 0) & (since <= report["outcome_days"]))
        .group_by("user_id", "as_of").agg(pl.col("paid").sum())
    )  # fmt: skip
    of_rows = begun.join(ahead, on=["user_id", "as_of"], how="left").with_columns(
        pl.col("paid").fill_null(0.0)
    )
    means = dict(of_rows.group_by("arm").agg(pl.col("paid").mean()).rows())
    effect = report["revenue"]
    assert effect["low"] < means["contact"] - means["holdout"] < effect["high"]
    assert report["outcome_days"] >= WINDOW
    assert report["money"]["costs"]["contacts"] == begun.filter(pl.col("arm") == "contact").height


def test_nobody_is_named_in_what_is_written(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(shop, monkeypatch)[0] == 0
    table = pl.read_parquet(shop / "reports/judge.parquet")
    text = (shop / "reports/judge.json").read_text("utf-8") + json.dumps(table.to_dicts(), default=str)
    assert not [user for user in LEDGER["user_id"].unique() if f'"{user}"' in text]
    assert table.columns[:2] == ["week", "play"]
    assert table["week"].dt.weekday().unique().to_list() == [1]
    assert table["contact"].sum() + table["holdout"].sum() == LEDGER["arm"].drop_nulls().len()


def test_the_log_itself_gives_the_report_that_its_user_days_give(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(shop, monkeypatch, "--out", "from_days")[0] == 0
    before = digests(shop / "data")
    assert (
        asked(shop, monkeypatch, "--log", "shop.csv", "--contract", "shop.yaml", "--out", "from_log")[0] == 0
    )
    assert digests(shop / "from_days") == digests(shop / "from_log")
    make_table(f"sqlite:///{shop}/shop.db", "events", pl.read_csv(shop / "shop.csv", infer_schema=False))
    contract = yaml.safe_load((shop / "shop.yaml").read_text("utf-8")) | {"format": "parquet"}
    (shop / "typed").mkdir()
    (shop / "typed/shop.yaml").write_text(yaml.safe_dump(contract), "utf-8")
    words = ("--log", "sqlite:///shop.db#events", "--contract", "typed/shop.yaml", "--out", "from_database")
    assert asked(shop, monkeypatch, *words)[0] == 0
    assert read_json(shop / "from_days/judge.json") == read_json(shop / "from_database/judge.json")
    assert digests(shop / "data") == before


def test_what_comes_after_the_day_given_changes_nothing(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    until = (LEDGER["as_of"].min() + timedelta(days=30)).isoformat()
    LINES.filter(pl.col("time").str.head(10) <= until).write_csv(shop / "cut.csv")
    assert asked(shop, monkeypatch, "--until", until, "--out", "whole")[0] == 0
    assert asked(shop, monkeypatch, "--log", "cut.csv", "--out", "cut", "--until", until)[0] == 0
    assert digests(shop / "whole") == digests(shop / "cut")
    assert 0 < read_json(shop / "whole/judge.json")["episodes"]["ripe"] < LEDGER["arm"].drop_nulls().len()


def test_contacts_that_missed_half_of_the_arm_have_their_own_effect(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = LEDGER.filter(pl.col("arm") == "contact").gather_every(2)
    begun.select(
        "user_id", contacted_at=pl.col("as_of") + pl.duration(days=1), play="play", channel=pl.lit("email"),
        offer_taken=pl.lit(value=True),
    ).write_csv(shop / "contacts.csv")  # fmt: skip
    assert asked(shop, monkeypatch, "--contacts", "contacts.csv", "--out", "contacted")[0] == 0
    report = read_json(shop / "contacted/judge.json")
    assert report["contacted"]["contact_share"] == pytest.approx(0.5, abs=0.01)
    assert report["contacted"]["holdout_share"] == 0.0
    assert report["money"]["costs"]["contacts"] == begun.height
    ratio = report["contacted"]["effect"]["value"] / report["churn"]["effect"]["value"]
    assert ratio == pytest.approx(2.0, rel=0.2)


def test_a_lost_file_of_contacts_stops_the_evaluation(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = asked(shop, monkeypatch, "--contacts", "lost.csv")
    assert (code, "lost.csv" in printed, "Nothing was evaluated" in printed) == (2, True, True)


def test_without_a_ledger_the_command_says_what_to_run(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = asked(shop, monkeypatch, "--lists", "nowhere")
    assert (code, "run lastlogin score" in printed) == (2, True)


def test_when_nothing_is_ripe_the_first_day_is_said(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first: date = LEDGER["as_of"].min()
    code, printed = asked(shop, monkeypatch, "--until", first.isoformat(), "--out", "too_early")
    assert (code, (first + timedelta(days=WINDOW)).isoformat() in printed) == (0, True)
    assert not (shop / "too_early").exists()


def test_a_day_that_is_no_date_names_the_option(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = asked(shop, monkeypatch, "--until", "soon")
    assert (code, "--until soon: not a date" in printed) == (2, True)


def test_the_same_evaluation_is_one_run_of_mlflow(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        assert asked(shop, monkeypatch, "--out", "twice", "--until", "2024-04-20")[0] == 0
    client = MlflowClient(f"sqlite:///{shop / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("lastlogin")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id], "params.until = '2024-04-20'")
    assert [run.info.run_name for run in runs] == ["judge"]
    assert {"episodes_ripe", "effect_value", "effect_low", "effect_high"} <= set(runs[0].data.metrics)
