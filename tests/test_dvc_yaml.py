"""dvc.yaml says what the stages' signatures and imports say, so that no result is ever stale."""

import importlib
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from benchmarks.support.projects import environment, lay_out
from pipeline.commands.dvc_file import PACKAGES, module_path, stage_entries, stage_names
from pipeline.config.params import load_params
from pipeline.config.section import section_name
from pipeline.runner.stage import signature_of
from tests.support.paths import ROOT

STAGES = stage_entries(ROOT)
GRAPH = grimp.build_graph(*PACKAGES)
PATHS_FROM_PARAMS = {
    "${log.path}",
    "${log.contract}",
    "${rates.path}",
    "${plays.path}",
    "${import_lists.path}",
}


def code_of(stage: str) -> set[Path]:
    """Every file that the stage's module imports, directly or not."""
    module = f"pipeline.stages.{stage}"
    return {module_path(found) for found in GRAPH.find_upstream_modules(module) | {module}}


def listed(stage: str, *keys: str) -> set[str]:
    entries = [entry for key in keys for entry in STAGES[stage].get(key, [])]
    return {next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries}


def code_deps(stage: str) -> set[Path]:
    return {Path(dep) for dep in listed(stage, "deps") if dep.split("/")[0] in PACKAGES}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_its_own_module(stage: str) -> None:
    assert STAGES[stage]["cmd"] == f"python -m pipeline.stages.{stage}"


@pytest.mark.parametrize("stage", STAGES)
def test_sections_inputs_and_outputs_are_those_of_the_signature(stage: str) -> None:
    signature = signature_of(importlib.import_module(f"pipeline.stages.{stage}").run)
    data = {dep for dep in listed(stage, "deps") if dep.split("/")[0] not in PACKAGES} - PATHS_FROM_PARAMS
    assert listed(stage, "params") == set(map(section_name, signature.sections.values()))
    assert data == {path.as_posix() for path in signature.inputs.values()}
    written = {path.as_posix() for path in signature.outputs.values()}
    assert listed(stage, "outs", "metrics", "plots") == written


@pytest.mark.parametrize(
    ("section", "stages"),
    [
        ("train", {"train", "track"}),
        ("split", {"logins", "landmarks", "readiness", "train", "evaluate", "track"}),
        ("risk_bands", {"evaluate", "profile", "score", "track"}),
        ("holdout", {"score", "track"}),
    ],
)
def test_a_knob_runs_only_the_stages_anew_that_use_it(section: str, stages: set[str]) -> None:
    assert {stage for stage in STAGES if section in listed(stage, "params")} == stages


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_the_contract_if_its_code_reads_it(stage: str) -> None:
    reads = Path("pipeline/log/contract_file.py") in code_of(stage)
    assert reads == ("${log.contract}" in listed(stage, "deps"))


def test_the_log_and_the_given_rates_are_dependencies_of_the_stages_that_read_them() -> None:
    assert [stage for stage in STAGES if "${log.path}" in listed(stage, "deps")] == [
        "external",  # only to come after `simulate`
        "ingest",
        "evaluate",  # for the truth beside it
    ]
    assert [stage for stage in STAGES if "${rates.path}" in listed(stage, "deps")] == ["rates"]


_PLAN = """
from dvc.repo import Repo
from dvc.repo.reproduce import plan_repro
repo = Repo()
print(*(stage.name for stage in plan_repro(repo.index.graph, repo.stage.collect("dvc.yaml"))))
"""
"""Prints what `dvc repro` would run: `--dry` stops where an input is not written yet."""


def planned(folder: Path, log: str) -> list[str]:
    """The stages that `dvc repro` runs where `log` is the log in use, in order."""
    lay_out(folder, {"log": {"path": log}}, with_code=True)
    (folder / "shop.csv").write_text("customer,time\n", "utf-8")
    run_python(folder, "-m", "dvc", "init", "--no-scm", "--quiet")
    return run_python(folder, "-c", _PLAN).split()


def run_python(folder: Path, *words: str) -> str:
    """What it prints, run in `folder`."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dvc_repro_makes_the_demo_log_where_it_is_the_log_in_use(tmp_path: Path) -> None:
    plan = planned(tmp_path, "data/raw/demo/events.parquet")
    assert sorted([*plan, "fetch_log"]) == stage_names()
    assert plan.index("simulate") < plan.index("external")


def test_dvc_repro_on_a_log_of_ones_own_does_not_make_the_demo(tmp_path: Path) -> None:
    plan = planned(tmp_path, "shop.csv")
    assert sorted([*plan, "fetch_log", "simulate"]) == stage_names()


def test_dvc_repro_fetches_a_log_from_a_database_where_it_is_the_log_in_use(tmp_path: Path) -> None:
    plan = planned(tmp_path, "data/raw/fetched")
    assert sorted([*plan, "simulate"]) == stage_names()
    assert plan.index("fetch_log") < plan.index("external")


@pytest.mark.parametrize("stage", STAGES)
def test_code_dependencies_are_what_the_stage_imports(stage: str) -> None:
    needed, given = code_of(stage), code_deps(stage)
    uncovered = {path for path in needed if not any(path.is_relative_to(dep) for dep in given)}
    sources = "".join((ROOT / path).read_text("utf-8") for path in needed)
    unneeded = {
        dep
        for dep in given
        if not any(path.is_relative_to(dep) for path in needed) and f'"{dep.name}"' not in sources
    }
    assert (sorted(map(str, uncovered)), sorted(map(str, unneeded))) == ([], [])


def test_every_stage_has_an_entry_and_every_entry_a_stage() -> None:
    assert sorted(STAGES) == stage_names()


def test_params_yaml_is_whole() -> None:
    assert load_params(ROOT / "params.yaml").log.path


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no git checkout: DVC is asked in one")
def test_dvc_finds_every_stage() -> None:
    """A pattern in a .gitignore can hide a DVC file from DVC, though git sees it."""
    command = [sys.executable, "-m", "dvc", "stage", "list", "--all", "--name-only"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert sorted(name.rpartition(":")[2] for name in listed) == stage_names()
