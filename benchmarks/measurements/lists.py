"""The lists of the test period: their quality beside every baseline, and the cost of training their model."""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measurements.real_logs import PUBLIC
from benchmarks.support.entries import Entry
from benchmarks.support.processes import cost_of, python, stage
from benchmarks.support.projects import ROOT, environment, lay_out

LOGS = {
    "online_retail": "online_retail/online_retail.csv.gz",
    "cdnow": "cdnow/CDNOW_master.txt.gz",
    "rails_git": "rails_git/events.csv.gz",
}
_STAGES = (
    "rates",
    "external",
    "ingest",
    "activity",
    "logins",
    "landmarks",
    "define",
    "readiness",
    "train",
    "evaluate",
)
_OF_ALL = {"auc": "AUC", "log_loss": "log loss"}


def on_lists(users: int | None) -> list[Entry]:
    """Quality and cost on the demo, and on the public logs with a horizon of 90 days. An absent log is left out."""
    simulated: dict[str, Any] = {} if users is None else {"users": users}
    entries = _of("demo", {"simulate": simulated}, ("simulate", *_STAGES))
    for name, path in LOGS.items():
        if not (PUBLIC / path).exists():
            sys.stderr.write(f"bench: {PUBLIC / path} is absent, so {name} is left out\n")
            continue
        log = {"path": str(PUBLIC / path), "contract": f"data/contracts/{name}.yaml"}
        entries += _of(name, {"log": log, "label": {"horizon_days": 90}}, _STAGES)
    return entries


def _of(name: str, changes: dict[str, dict[str, Any]], stages: tuple[str, ...]) -> list[Entry]:
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-"))
    try:
        lay_out(folder, changes)
        log, variables = folder / "bench.log", environment(folder)
        for made in stages:
            sys.stderr.write(f"bench: lists: {name}: {made}\n")
            cost_of(stage(made), folder, log, variables)
        metrics = json.loads((folder / "reports/metrics.json").read_text("utf-8"))["list"]
        log.unlink()
        cost_of(
            python("-m", "benchmarks.tasks.list_training"),
            folder,
            log,
            {**variables, "PYTHONPATH": str(ROOT)},
        )
        login, silent = json.loads(log.read_text("utf-8").splitlines()[-1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        *_quality(name, metrics),
        Entry(f"train both models, {name}", "s", login + silent, {"login model": login}),
    ]


def _quality(name: str, metrics: dict[str, Any]) -> list[Entry]:
    rows = metrics["rows"]["value"]
    beside = [
        Entry(
            f"{words} of lists, {name}", "", metrics[figure]["value"],
            {baseline: part[figure]["value"] for baseline, part in metrics["baselines"].items()}, None, rows,
        )
        for figure, words in _OF_ALL.items()
    ]  # fmt: skip
    silent = metrics["silent"]
    alone = [
        Entry(
            f"{words} among the silent, {name}",
            "",
            silent[figure]["value"],
            {},
            None,
            silent["rows"]["value"],
        )
        for figure, words in (*_OF_ALL.items(), ("calibration_error", "calibration error"))
    ]
    error = Entry(
        f"calibration error of lists, {name}", "", metrics["calibration_error"]["value"], {}, None, rows
    )
    return [*beside, error, *alone]
