"""A shop whose model is the champion of a store of its own, once for all tests, and `lastlogin score` in it."""

import atexit
import importlib
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config.params import load_params
from pipeline.runner.stage import run_stage
from pipeline.storage.files import read_json
from pipeline.tracking.registry import promote
from tests.support.tiny import CONTRACT, project, visits

STAGES = (
    "rates", "external", "ingest", "activity", "logins", "landmarks", "listed", "define", "readiness", "train",
    "evaluate", "profile", "health", "score", "business", "report", "drift", "model_card", "track",
)  # fmt: skip


def _folder() -> Path:
    folder = Path(mkdtemp(prefix="lastlogin-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def scored_shop() -> Path:
    """A shop whose model is the champion of a store of its own."""
    contract = {
        **CONTRACT,
        "users": {"path": "users.csv", "columns": {"user_id": "id", "valid_from": "since", "plan": "plan"}},
    }
    folder = project(_folder(), visits(), contract)
    rows = [
        f"c{user},2024-0{month}-01,{plan}"
        for user in range(150)
        for month, plan in ((1, "basic"), (3, "pro"))
    ]
    (folder / "users.csv").write_text("\n".join(["id,since,plan", *rows]) + "\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DVC_ROOT", str(folder))
        for stage in STAGES:
            run_stage(
                importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml"))
            )
        promote(load_params(Path("params.yaml")), None)  # the shop is too small for a grade above C
    return folder


def asked(shop: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(shop)
    monkeypatch.setenv("DVC_ROOT", str(shop))
    done = CliRunner().invoke(app, ["score", *words])
    return done.exit_code, done.output


def last_day(shop: Path) -> date:
    return date.fromisoformat(read_json(shop / "reports/ingest.json")["log_end"])


def changed(shop: Path, monkeypatch: pytest.MonkeyPatch, *words: str, **changes: object) -> tuple[int, str]:
    """`lastlogin score` with other parameters, which are put back."""
    file = shop / "params.yaml"
    before = file.read_text("utf-8")
    raw = yaml.safe_load(before)
    for key, value in changes.items():
        section, _, name = key.partition("__")
        raw[section][name] = value
    file.write_text(yaml.safe_dump(raw), "utf-8")
    try:
        return asked(shop, monkeypatch, *words)
    finally:
        file.write_text(before, "utf-8")
