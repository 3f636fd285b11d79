"""Runs without a person: the commands of the crontab and of Airflow, kills, and two runs at once."""

import ast
import importlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config.params import load_params
from pipeline.crm.ledger.files import days_of
from pipeline.errors import InputError
from pipeline.runner.stage import run_stage, signature_of
from pipeline.storage.datasets import WORKING, stage_that_writes
from tests.support.finished import MLFLOW_WARNINGS
from tests.support.killed_list import deliver_list
from tests.support.model_rows import bytes_below
from tests.support.paths import ROOT
from tests.support.scored_shop import STAGES, asked, last_day, scored_shop

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]

DAG_FILE = ROOT / "docs/airflow_dag.py"
IN_BASH = {"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin", "LOG": "shop.csv"}


def bash_commands() -> list[str]:
    """The command of each task of the DAG file, which is read and not imported: Airflow is not installed."""
    calls = [node for node in ast.walk(ast.parse(DAG_FILE.read_text("utf-8"))) if isinstance(node, ast.Call)]
    tasks = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "BashOperator"]
    keywords = [{key.arg: key.value for key in call.keywords} for call in tasks]
    return [ast.literal_eval(of["bash_command"]) for of in keywords]


def crontab() -> list[tuple[str, str]]:
    """The time and the command of each line of the crontab in the README."""
    block = (ROOT / "README.md").read_text("utf-8").split("```crontab\n")[1].split("```")[0]
    found = re.findall(r"^(\S+ \S+ \S+ \S+ \S+) +cd \S+ && (.+?) >> ", block, re.MULTILINE)
    return [(when, command) for when, command in found]


def test_the_dag_and_the_crontab_score_judge_and_train() -> None:
    assert [re.sub(r" --log \S+", "", command) for _, command in crontab()] == [
        "lastlogin score --json", "lastlogin judge --json", "dvc repro",
    ]  # fmt: skip
    assert bash_commands() == [
        'lastlogin score --json --log "$LOG"', 'lastlogin judge --json --log "$LOG"', "dvc repro", "lastlogin where",
    ]  # fmt: skip
    schedules = re.findall(r'schedule="([^"]+)"', DAG_FILE.read_text("utf-8"))
    assert schedules == [when for when, _ in crontab()]


@pytest.mark.parametrize("command", [command for _, command in crontab()[:2]])
def test_the_commands_of_the_crontab_have_options_that_exist(command: str) -> None:
    _, *words = shlex.split(command)
    assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0


@pytest.mark.parametrize("command", bash_commands())
def test_the_commands_of_the_dag_run_in_bash(command: str, tmp_path: Path) -> None:
    shown = subprocess.run(
        ["bash", "-ec", f"{command} --help"],
        cwd=tmp_path, env={**os.environ, **IN_BASH}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert "sage:" in shown.stdout


def json_line(printed: str) -> dict[str, Any]:
    """The line of JSON among all that was printed."""
    (line,) = (line for line in printed.splitlines() if line.startswith("{"))
    return dict(json.loads(line))


@pytest.fixture(scope="module")
def shop() -> Path:
    return scored_shop()


@pytest.fixture(scope="module")
def damaged_shop(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shop. Whoever damages it mends it."""
    return Path(shutil.copytree(shop, tmp_path_factory.mktemp("shop"), dirs_exist_ok=True))


@pytest.fixture
def at_work(shop: Path) -> Iterator[subprocess.Popen[str]]:
    """The daily command of the DAG, stopped in the middle of its work, with user ids in its working folder."""
    environment = {**os.environ, **IN_BASH, "DVC_ROOT": str(shop)}
    command = ["bash", "-ec", f"exec {bash_commands()[0]} --out killed"]
    with subprocess.Popen(command, cwd=shop, env=environment, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 300
        while not list((shop / WORKING.path).glob("score-*/data/activity")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGSTOP)
        yield process
        process.kill()


def test_a_second_run_says_who_is_at_it_and_the_next_one_tidies_up_after_a_killed_one(
    shop: Path,
    at_work: subprocess.Popen[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store = bytes_below(shop / "mlartifacts")
    code, printed = asked(shop, monkeypatch, "--out", "killed")
    line = json_line(printed)
    assert (code, line["exit_code"], line["status"]) == (1, 1, "failed")
    assert f"lastlogin score --out killed: process {at_work.pid} on " in line["message"]

    at_work.kill()
    at_work.wait()
    (left,) = (shop / WORKING.path).glob("score-*/")
    assert not (shop / "killed").exists()
    code, printed = asked(shop, monkeypatch, "--out", "killed")
    assert (code, f"{left.name}: a run that was killed left it" in printed + capfd.readouterr().err) == (
        0,
        True,
    )
    assert not (shop / WORKING.path).exists()
    assert bytes_below(shop / "mlartifacts") == store
    day = last_day(shop).isoformat()
    preview = pl.read_parquet(shop / "data/crm/list.parquet").drop("episode")
    assert (
        pl.read_parquet(shop / f"killed/{day}/list.parquet").drop("episode").equals(preview, null_equal=True)
    )
    line = json_line(printed)
    assert (line["status"], line["as_of"], line["list"]) == ("delivered", day, f"killed/{day}")
    assert (line["listed"], line["csv"]["files"]) == (preview.height, ["list.csv"])


def test_a_delivery_that_is_killed_anywhere_leaves_all_of_the_former_lists_or_all_of_the_new(
    shop: Path, tmp_path: Path
) -> None:
    day, former = last_day(shop), "2024-01-31"
    deliver_list(shop, tmp_path / "whole")
    for place in (former, f"ledger/as_of={former}"):
        of_day = tmp_path / "whole" / place.replace(former, day.isoformat())
        shutil.copytree(of_day, tmp_path / "before" / place)
    (tmp_path / "before" / former / "list.csv").write_text("former", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_list", str(shop), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kills = int(done.stdout.splitlines()[-1])
    assert kills > 10
    before, complete = bytes_below(tmp_path / "before"), None
    outcomes = set()
    for number in range(kills):
        lists = tmp_path / str(number)
        days = days_of(lists)
        assert (lists / day.isoformat() / "list.csv").is_file() == (day in days)
        kept = {name: content for name, content in bytes_below(lists).items() if former in name}
        assert kept == before
        outcomes.add(day in days)
        if number % 5 == 0:
            deliver_list(shop, lists)
            complete = complete or bytes_below(lists)
            assert bytes_below(lists) == complete
    assert outcomes == {True, False}


AFTER_INGEST = STAGES[STAGES.index("activity") :]


def damages(path: Path) -> Iterator[tuple[Path, bytes]]:
    """Files of an input of a stage, each with bytes that are not its own; of a model the trees of one part."""
    if path.name in ("model", "plots"):
        path = path / {"model": "scoring/list/booster.txt", "plots": "roc.csv"}[path.name]
    elif path.is_dir():
        path = next((path / "bucket=0000").glob("*.parquet"), path)
    if path.suffix in (".parquet", ".json", ".txt") or path.name == "roc.csv":
        whole = path.read_bytes()
        yield path, whole[: len(whole) // 2]
        yield path, b""
        if path.name in ("part.parquet", "booster.txt", "roc.csv"):  # those whose folder has their digests
            middle = len(whole) // 2
            yield path, whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]


@pytest.mark.parametrize("stage", AFTER_INGEST)
def test_a_damaged_input_is_named_with_the_stage_that_makes_it_again(
    stage: str, damaged_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(damaged_shop)
    monkeypatch.setenv("DVC_ROOT", str(damaged_shop))
    run = importlib.import_module(f"pipeline.stages.{stage}").run
    tried = 0
    for path in signature_of(run).inputs.values():
        for file, content in damages(path):
            whole = file.read_bytes()
            file.write_bytes(content)
            with pytest.raises(InputError) as refused:
                run_stage(run, load_params(Path("params.yaml")))
            assert str(file) in str(refused.value)
            assert re.search(rf"dvc repro {stage_that_writes(file)}$", str(refused.value)), refused.value
            file.write_bytes(whole)
            tried += 1
    assert tried >= 2


def test_stages_that_are_killed_leave_all_or_nothing_and_write_the_same_bytes_after(
    shop: Path, tmp_path: Path
) -> None:
    """Two of those that `make kills` tries; in processes of their own, which take some seconds."""
    shutil.copytree(
        shop, tmp_path / "new", ignore=shutil.ignore_patterns("mlartifacts", "mlflow.db", "killed")
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.kills", "--worker", str(tmp_path), "--seeds", "2:4"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["command"] for one in tried] == ["ingest", "activity"]
    assert [one for one in tried if one["finding"]] == []
