"""The morning's list from the registry's champion is the list that the stages would write that day."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml

from pipeline.commands.score import refuse_change
from pipeline.config.params import load_params
from pipeline.crm.ledger.files import entry_of
from pipeline.errors import InputError
from pipeline.storage.files import read_json, write_json
from pipeline.storage.frames import read_buckets, write_parquet
from pipeline.storage.model_folder import load_models
from tests.support.effects import judge_json
from tests.support.finished import MLFLOW_WARNINGS
from tests.support.model_rows import bytes_below
from tests.support.paths import PARAMS_FILE
from tests.support.scored_shop import asked, changed, last_day, scored_shop
from tests.support.tiny import CONTRACT, project, visits

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]


@pytest.fixture(scope="module")
def shop() -> Path:
    return scored_shop()


def test_the_list_of_the_last_day_is_that_of_the_stage(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = asked(shop, monkeypatch)
    day = read_json(shop / "reports/ingest.json")["log_end"]
    assert (code, f"data/lists/{day}/list.csv" in printed) == (0, True)
    ours = pl.read_parquet(shop / f"data/lists/{day}/list.parquet")
    preview = pl.read_parquet(shop / "data/crm/list.parquet")
    assert preview["episode"].null_count() == preview.height
    assert ours.filter(pl.col("episode").is_not_null() != pl.col("arm").is_not_null()).is_empty()
    assert ours.drop("episode").equals(preview.drop("episode"), null_equal=True)


def test_an_earlier_day_knows_nothing_of_what_came_after(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date.fromisoformat(read_json(shop / "reports/ingest.json")["log_end"]) - timedelta(days=20)
    lines = pl.read_csv(shop / "shop.csv", infer_schema=False)
    lines.filter(pl.col("time").str.head(10) <= day.isoformat()).write_csv(shop / "cut.csv")
    assert asked(shop, monkeypatch, "--as-of", day.isoformat(), "--out", "whole")[0] == 0
    assert asked(shop, monkeypatch, "--as-of", day.isoformat(), "--out", "cut", "--log", "cut.csv")[0] == 0
    whole, cut = (
        pl.read_parquet(shop / name / day.isoformat() / "list.parquet") for name in ("whole", "cut")
    )
    assert whole.height > 10
    assert whole["last_login_day"].max() <= day
    assert whole.equals(cut, null_equal=True)
    assert bytes_below(shop / f"whole/{day}/lists") == bytes_below(shop / f"cut/{day}/lists")


def test_a_log_that_is_too_short_for_the_champion_is_said(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = pl.read_csv(shop / "shop.csv", infer_schema=False)
    lines.filter(pl.col("time") < "2024-02-10").write_csv(shop / "short.csv")
    code, printed = asked(shop, monkeypatch, "--log", "short.csv", "--out", "short")
    assert (code, (shop / "short").exists()) == (2, False)
    messages = printed + capfd.readouterr().err
    assert "login_days_60d" in messages


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--as-of", "yesterday"), "--as-of yesterday: not a date"),
        (("--log", "none.csv"), "none.csv"),
        (("--contract", "none.yaml"), "none.yaml"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: tuple[str, ...],
    message: str,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    code, printed = asked(shop, monkeypatch, *words)
    assert code == 2
    assert message in printed + capfd.readouterr().err


def test_without_a_champion_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = asked(project(tmp_path, visits(20, 60)), monkeypatch)
    assert (code, "so no champion" in printed) == (2, True)


def test_a_champion_whose_features_the_log_no_longer_gives_is_refused(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    columns = {name: column for name, column in CONTRACT["columns"].items() if name != "amount"}
    poorer = {**CONTRACT, "columns": columns, "currency": {}}
    (shop / "poorer.yaml").write_text(yaml.safe_dump(poorer), "utf-8")
    code, printed = asked(shop, monkeypatch, "--contract", "poorer.yaml", "--out", "poorer")
    messages = printed + capfd.readouterr().err
    assert code == 2, messages
    assert "features that this log does not give: revenue_" in messages
    assert "The log lacks column amount" in messages
    assert not (shop / "poorer").exists()


def test_the_list_comes_with_what_has_drifted(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(shop, monkeypatch, "--out", "watched")[0] == 0
    (messages,) = (shop / "watched").rglob("drift.json")
    stage = read_json(shop / "reports/drift.json")
    assert read_json(messages) == stage


@pytest.fixture
def former(shop: Path) -> dict[str, bytes]:
    """The files of the list of the log's last day, written before."""
    folder = shop / "stale" / last_day(shop).isoformat()
    shutil.copytree(shop / "data/crm", folder, dirs_exist_ok=True)
    return bytes_below(shop / "stale")


@pytest.mark.parametrize("late", [1, 3])
def test_a_log_that_ends_a_little_early_gives_the_list_of_its_last_day_with_a_note(
    late: int, shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    end = last_day(shop)
    day = end + timedelta(days=late)
    code, printed = asked(shop, monkeypatch, "--as-of", day.isoformat(), "--out", f"late{late}")
    told = printed + capfd.readouterr().err
    assert code == 0, told
    assert f"the log ends on {end}, {late} days before {day}: the list is as of {end}." in told
    assert {folder.name for folder in (shop / f"late{late}").iterdir()} == {end.isoformat(), "ledger"}
    ours = pl.read_parquet(shop / f"late{late}/{end}/list.parquet").drop("episode")
    assert ours.equals(pl.read_parquet(shop / "data/crm/list.parquet").drop("episode"), null_equal=True)


@pytest.mark.parametrize(
    ("days_from_end", "message"),
    [
        (4, "4 days before {day}, and list.max_stale_days is 3"),
        (-400, "log.ends_on (or --as-of) = {day}: the log begins only on"),
    ],
)
def test_a_day_out_of_the_log_s_reach_gives_no_list_and_leaves_the_former_one_as_it_was(
    days_from_end: int,
    message: str,
    shop: Path,
    former: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    day = last_day(shop) + timedelta(days=days_from_end)
    code, printed = asked(shop, monkeypatch, "--as-of", day.isoformat(), "--out", "stale")
    told = printed + capfd.readouterr().err
    assert code == 2, told
    assert message.format(day=day) in told
    assert "Traceback" not in told
    assert bytes_below(shop / "stale") == former


@pytest.fixture
def older_champion(shop: Path, tmp_path: Path) -> Iterator[None]:
    """The champion in the store is as an older version left it: one model, without a folder of its own."""
    (stored,) = {file.parent.parent for file in (shop / "mlartifacts").rglob("list/model.json")}
    shutil.move(stored, tmp_path / "kept")
    shutil.copytree(tmp_path / "kept/login", stored)
    yield
    shutil.rmtree(stored)
    shutil.move(tmp_path / "kept", stored)


@pytest.mark.usefixtures("older_champion")
def test_a_champion_of_an_older_version_is_refused_with_the_way_out(
    shop: Path,
    former: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Its folder is temporary, so the message names the registry; training alone would not replace the champion."""
    code, printed = asked(shop, monkeypatch, "--out", "stale")
    told = printed + capfd.readouterr().err
    assert code == 2, told
    assert (
        told.count(
            "models:/lastlogin@champion: it has no list model; an older version made it.\n"
            "Train again and make the new model the champion: dvc repro, then lastlogin promote"
        )
        == 1
    )
    assert "Traceback" not in told
    assert bytes_below(shop / "stale") == former


def test_without_the_file_of_those_opted_out_there_is_no_list(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    rule = {"name": "opted_out", "path": "gone.csv", "column": "user_id", "until": None}
    code, printed = changed(shop, monkeypatch, "--out", "lost", never_contact__rules=[rule])
    said = printed + capfd.readouterr().err
    assert (code, (shop / "lost").exists()) == (2, False)
    assert "gone.csv: there is no such file" in said
    assert "No list was written" in said


def test_a_fault_in_the_plays_stops_before_the_champion_is_fetched(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (shop / "plays.yaml").write_text("plays: [{code: hint}]\nbenefits: {}\n", "utf-8")
    code, printed = changed(
        shop, monkeypatch, "--out", "faulty", plays__path="plays.yaml", tracking__model_name="nobody"
    )
    said = printed + capfd.readouterr().err
    assert (code, "plays.yaml: play hint: key when is missing" in said) == (2, True)
    assert "champion" not in said


def test_a_list_far_from_the_former_one_is_not_written_unless_that_is_accepted(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert asked(shop, monkeypatch, "--out", "guarded")[0] == 0
    day = last_day(shop)
    today, before = shop / "guarded" / day.isoformat(), day - timedelta(days=7)
    delivered = pl.read_parquet(entry_of(shop / "guarded", day))
    shutil.rmtree(shop / "guarded")
    write_parquet(pl.concat([delivered] * 3), entry_of(shop / "guarded", before))
    code, printed = asked(shop, monkeypatch, "--out", "guarded")
    said = printed + capfd.readouterr().err
    assert (code, today.exists()) == (2, False)
    assert f"{delivered.height} users, and {3 * delivered.height} before" in said
    assert asked(shop, monkeypatch, "--out", "guarded", "--accept-change")[0] == 0
    assert pl.read_parquet(entry_of(shop / "guarded", day)).equals(delivered, null_equal=True)


def test_a_play_that_keeps_nobody_is_no_longer_used_and_the_list_says_so(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = pl.read_parquet(shop / "data/crm/list.parquet").filter(pl.col("play").is_not_null())
    useless, *others = preview["play"].value_counts(sort=True)["play"].to_list()
    effects = {useless: {"effect": -0.02}, "whats_on": {"effect": 0.031}}
    write_json(judge_json(last_day(shop), effects), shop / "effects.json")
    code, printed = changed(shop, monkeypatch, "--out", "measured", policy__effects="effects.json")
    assert code == 0, printed
    folder = shop / "measured" / last_day(shop).isoformat()
    begun = pl.read_parquet(entry_of(shop / "measured", last_day(shop))).filter(pl.col("arm").is_not_null())
    assert useless not in begun["play"]
    assert set(others) <= {*begun["play"], "answer_now"}
    policy, summary = read_json(folder / "policy.json"), read_json(folder / "summary.json")
    assert policy["effects"] == summary["effects"]
    assert policy["effects"]["set_aside"] == {useless: ["low", "medium", "high"]}
    assert useless not in summary["accepts"]
    assert f"Not used, because contacts kept nobody up to {last_day(shop)}: {useless}." in printed
    assert "in points of churn less by a contact: whats_on 3.1." in printed


def test_a_change_that_was_accepted_stops_no_list_of_the_days_after_it(tmp_path: Path) -> None:
    """A play that is no longer used leaves fewer contacts than a week ago, and as many as yesterday."""
    many, few = (
        pl.DataFrame(
            {
                "churn_probability": [0.3] * 1_000,
                "action_now": ["contact"] * contacts + ["watch"] * (1_000 - contacts),
            }
        )
        for contacts in (400, 100)
    )
    guard = load_params(PARAMS_FILE).guard
    monday = date(2024, 3, 4)
    write_parquet(many, entry_of(tmp_path, monday))
    with pytest.raises(InputError, match=f"far from that of {monday}"):
        refuse_change(few, tmp_path, monday + timedelta(days=7), guard)
    write_parquet(few, entry_of(tmp_path, monday + timedelta(days=6)))
    refuse_change(few, tmp_path, monday + timedelta(days=7), guard)


def test_a_dry_run_says_what_the_list_would_be_and_writes_nothing(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = asked(shop, monkeypatch, "--out", "dry", "--dry-run")
    assert code == 0
    assert "Dry run: nothing was written." in printed
    summary = read_json(shop / "data/crm/summary.json")
    assert f"{summary['actions']['watch']:,} to watch" in printed
    assert f"Grade {summary['grade']}: {summary['grade_because']}." in printed
    assert not (shop / "dry").exists()


def test_a_model_below_the_least_grade_gives_no_list(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert read_json(shop / "reports/metrics.json")["grade"] == "C"
    code, printed = changed(shop, monkeypatch, "--out", "graded", list__least_grade="B")
    said = printed + capfd.readouterr().err
    assert (code, "has the grade C, and list.least_grade is B" in said) == (2, True), said
    assert not (shop / "graded").exists()


def test_a_list_scored_by_the_baseline_has_its_numbers_and_says_so(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = changed(shop, monkeypatch, "--out", "simple", policy__scorer="baseline")
    assert code == 0, printed
    assert "Scored by the baseline: policy.scorer is baseline." in printed
    folder = shop / "simple" / last_day(shop).isoformat()
    models = load_models(shop / "data/model/scoring")
    rows = read_buckets(shop / "data/listed").join(
        pl.read_parquet(folder / "list.parquet").select("user_id", "churn_probability", "evidence"),
        on="user_id",
    )
    enough = rows.filter(pl.col("evidence") == "enough")
    assert enough.height > 10
    assert enough["churn_probability"].to_list() == pytest.approx(
        models.by("baseline").predict(enough).tolist()
    )
    explained = pl.read_parquet(folder / "explained.parquet")
    points = explained.select(pl.sum_horizontal(pl.col("^points_.*$"))).to_series()
    rise = explained["probability"] - explained["base_probability"]
    assert points.to_list() == pytest.approx(rise.to_list(), abs=1e-9)
