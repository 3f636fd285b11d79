"""Stages run in a project folder: in this process, or as the command that DVC runs."""

import hashlib
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.params import load_params
from pipeline.runner.stage import run_stage

BEFORE_TRAINING = (
    "rates", "external", "ingest", "activity", "logins", "landmarks", "listed", "define", "readiness",
)  # fmt: skip


def run_here(folder: Path, monkeypatch: pytest.MonkeyPatch, *stages: str) -> None:
    monkeypatch.chdir(folder)
    for stage in stages:
        run_stage(importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml")))


def command(folder: Path, stage: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"pipeline.stages.{stage}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
