"""`lastlogin simulate-campaign` writes what it says, and refuses what it cannot live on from."""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.storage.datasets import SIMULATED
from tests.support.campaigns import HORIZON, end_of_demo, listed
from tests.support.tiny import parameters


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with parameters, a small demo log and a list of its last day."""
    root = tmp_path_factory.mktemp("campaign")
    parameters(root, label__horizon_days=HORIZON)
    listed(end_of_demo(root / SIMULATED.path, users=120, days=40)).write_parquet(root / "list.parquet")
    return root


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project)
    return project


def output(*options: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(app, ["simulate-campaign", "--list", "list.parquet", *options])
    assert result.exit_code == exit_code, result.output
    return result.output


def test_it_writes_events_truth_and_summary_and_the_same_bytes_again(here: Path, tmp_path: Path) -> None:
    one, again = tmp_path / "one", tmp_path / "again"
    said = output("--out", str(one))
    output("--out", str(again))
    for name in ("events.parquet", "log.parquet", "truth.parquet", "summary.json"):
        assert (one / name).read_bytes() == (again / name).read_bytes()
    truth = pl.read_parquet(one / "truth.parquet")
    assert truth["user_id"].equals(pl.read_parquet(here / "list.parquet")["user_id"])
    summary = json.loads((one / "summary.json").read_text("utf-8"))
    assert summary["contacted"] == truth["contacted"].sum() > 5
    assert summary["days"] == 28
    assert json.dumps(summary, indent=2) in said
    demo, after = (
        pl.read_parquet(here / SIMULATED.path / "events.parquet"),
        pl.read_parquet(one / "events.parquet"),
    )
    assert pl.read_parquet(one / "log.parquet").equals(pl.concat([demo, after]), null_equal=True)
    assert f"lastlogin judge --log {one / 'log.parquet'}" in said


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("days", [HORIZON - 1, 0, -3, 366])
def test_days_must_cover_the_horizon_and_be_a_year_at_most(days: int, tmp_path: Path) -> None:
    said = output("--days", str(days), "--out", str(tmp_path / "out"), exit_code=2)
    assert (
        f"--days {days}: out of range.\nThe days must cover label.horizon_days = 14, and be at most 365."
        in said
    )
    assert not (tmp_path / "out").exists()


def changed(here: Path, tmp_path: Path, what: str) -> Path:
    frame = pl.read_parquet(here / "list.parquet")
    later = pl.col("as_of") + timedelta(days=1)
    path = tmp_path / "list.parquet"
    {
        "lacking": frame.drop("play", "as_of"),
        "later": frame.with_columns(later),
        "two days": frame.with_columns(
            pl.when(pl.int_range(pl.len()) == 0).then(later).otherwise("as_of").alias("as_of")
        ),
        "no day": frame.with_columns(as_of=pl.lit(None, pl.Date)),
        "unknown": frame.with_columns(user_id="z" + pl.col("user_id")),
        "no user": frame.with_columns(user_id=pl.lit(None, pl.String)),
        "beyond": frame.head(1).with_columns(user_id=pl.lit("u0000120")),
        "twice": pl.concat([frame, frame.head(1)]),
    }[what].write_parquet(path)
    return path


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("lacking", r"the list lacks as_of, play\.\nMake it with this version: dvc repro score"),
        ("later", r"as of 2022-04-01, and the demo log ends on 2022-03-31\.\n.*give a list as of that day"),
        (
            "two days",
            r"as of 2022-04-01, and the demo log ends on 2022-03-31\.\n.*give a list as of that day",
        ),
        ("no day", r"as of None, and the demo log ends on 2022-03-31\.\n.*give a list as of that day"),
        ("unknown", r"of the listed users are not in the demo log: zu\d+, .* more\.\n.*dvc repro simulate"),
        ("no user", r"of the listed users are not in the demo log: None\.\n.*dvc repro simulate"),
        ("beyond", r"1 of the listed users are not in the demo log: u0000120\.\n.*dvc repro simulate"),
        ("twice", r"u\d+ more than once\.\nGive a list with each user once\."),
    ],
)
def test_a_list_of_another_log_or_day_is_refused(here: Path, tmp_path: Path, what: str, message: str) -> None:
    said = output("--list", str(changed(here, tmp_path, what)), exit_code=2)
    assert re.search(message, said), said


@pytest.mark.usefixtures("here")
def test_a_list_that_is_missing_or_no_parquet_is_refused(tmp_path: Path) -> None:
    assert "no such list.\nMake it: dvc repro score" in output("--list", "nowhere.parquet", exit_code=2)
    (tmp_path / "list.csv").write_text("user_id\n", "utf-8")
    assert "Give the list as Parquet" in output("--list", str(tmp_path / "list.csv"), exit_code=2)


def test_without_the_end_state_it_says_how_to_make_it(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(here, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    state = Path(SIMULATED.path / "state")
    (state / "state.json").unlink()
    assert "state.json: there is no such file.\n" in output(exit_code=2)
    world = pl.read_parquet(state / "world.parquet")
    (state / "state.json").write_bytes((here / state / "state.json").read_bytes())
    world.drop("rates").write_parquet(state / "world.parquet")
    assert "of another version" in (said := output(exit_code=2))
    assert "dvc repro simulate" in said
    shutil.rmtree(state)
    assert "no end state to live on from.\nMake the log with it: dvc repro simulate" in output(exit_code=2)


@pytest.mark.parametrize("changes", [{"label__kind": "drop"}, {"label__lead_days": 2}], ids=["kind", "lead"])
def test_a_definition_of_churn_whose_truth_is_not_known_is_refused(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | int]
) -> None:
    shutil.copytree(here, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    parameters(tmp_path / "copy", label__horizon_days=HORIZON, **changes)
    assert "is for kind inactivity, lead_days 0 and one horizon for all" in output(exit_code=2)
