"""A list of 100,000 users, from the raw log to its delivery: time and peak memory, stage by stage and as one command.

A model is trained on a small demo log. The log to score holds the listed users of this log many times, so all of its
users are on the list. First the stages of `lastlogin score` run one by one, then the command itself, which delivers
to a folder and to SQLite.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.support.entries import Entry
from benchmarks.support.processes import Cost, cost_of, python, stage
from benchmarks.support.projects import ROOT, environment, lay_out

USERS = 100_000
_TRAINED_ON = 4_000
_TRAINING = (
    "simulate", "rates", "external", "ingest", "activity", "logins", "landmarks", "listed", "define", "readiness",
    "train", "evaluate", "profile", "health", "score", "business", "report", "drift", "model_card", "track",
)  # fmt: skip
_SCORING = (
    "rates",
    "external",
    "ingest",
    "activity",
    "logins",
    "listed",
    "drift",
    "profile",
    "health",
    "score",
)
_LOG = Path("large.parquet")


def on_delivery(workdir: Path | None, users: int | None) -> list[Entry]:
    """Users of the list per second by stage, then of the whole command; each with its peak memory."""
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-", dir=workdir))
    log, variables = folder / "bench.log", {**environment(folder), "PYTHONPATH": str(ROOT)}
    try:
        lay_out(folder, {"simulate": {"users": _TRAINED_ON}})
        for name in _TRAINING:
            cost_of(stage(name), folder, log, variables)
        listed = json.loads((folder / "data/crm/summary.json").read_text("utf-8"))["listed"]
        times = -(-(users or USERS) // listed)
        demo = (folder / "data/raw/demo/events.parquet", folder / "data/crm/list.parquet")
        cost_of(
            python("-m", "benchmarks.tasks.copied_log", *demo, str(times), folder / _LOG),
            folder,
            log,
            variables,
        )
        lay_out(folder, {"log": {"path": str(_LOG)}, "engine": {"buckets": max(16, times // 2)}})
        costs = {name: _said(name, cost_of(stage(name), folder, log, variables)) for name in _SCORING}
        summary = json.loads((folder / "data/crm/summary.json").read_text("utf-8"))
        command = python(
            "-m", "pipeline.cli", "score", "--out", folder / "lists", "--out", f"sqlite:///{folder}/crm.db",
            "--accept-change",
        )  # fmt: skip
        costs["lastlogin score"] = _said("lastlogin score", cost_of(command, folder, log, variables))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Entry(
            f"delivery: {name}",
            "users/s",
            summary["listed"] / cost.seconds,
            {},
            cost.peak_mib,
            summary["listed"],
        )
        for name, cost in costs.items()
    ]


def _said(name: str, cost: Cost) -> Cost:
    sys.stderr.write(
        f"bench: delivery: {name}: {cost.seconds:.0f} s ({cost.cpu_seconds:.0f} CPU s), {cost.peak_mib:,.0f} MiB\n"
    )
    return cost
