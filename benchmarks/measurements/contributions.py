"""Exact contributions: ours beside LightGBM's `pred_contrib` and shap's TreeExplainer, and the stage `profile`.

The peers explain a sample, and their rate is extrapolated to all rows; ours explains all rows.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.support import peer_runs
from benchmarks.support.entries import Entry
from benchmarks.support.processes import Cost, cost_of, python, stage
from benchmarks.support.projects import ROOT, environment, lay_out

ROWS, SAMPLE_ROWS = 200_000, 20_000
LEAVES = (8, 15, 31)
TREES = 300
_SIMULATED, _COPIES, _MILLION = 2_000, 100, 1_000_000
_BEFORE = ("simulate", "rates", "external", "ingest", "activity", "logins", "readiness", "train")


def beside_other_explainers() -> list[Entry]:
    """Rows per second for trees of 8, 15 and 31 leaves, and the cost of the stage for a million users."""
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-"))
    try:
        return [
            *(entry for leaves in LEAVES for entry in _of_trees(folder, leaves)),
            _of_stage(folder / "stage"),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _of_trees(folder: Path, leaves: int) -> list[Entry]:
    _run(folder, "make", leaves, ROWS)
    ours, (wall, cpu) = _run(folder, "ours", leaves, ROWS)
    _, lightgbm_sample = _run(folder, "lightgbm", leaves, SAMPLE_ROWS)
    sampled = {"LightGBM pred_contrib": lightgbm_sample}
    peers = peer_runs.peers_python()
    if peers is not None:
        script = ROOT / "benchmarks/peers/shap_trees.py"
        _, sampled["shap TreeExplainer"] = _measured(
            [peers, script, folder, str(leaves), str(SAMPLE_ROWS)], folder
        )
    name = f"contributions, {TREES} trees of {leaves} leaves"
    seconds = ", ".join(f"{who} {spent[0]:.1f} s ({spent[1]:.1f} CPU s)" for who, spent in sampled.items())
    sys.stderr.write(
        f"bench: {name}: {ROWS:,} rows in {wall:.1f} s ({cpu:.1f} CPU s); for {SAMPLE_ROWS:,} rows {seconds}: "
        "their rate is extrapolated\n"
    )
    return [
        Entry(title, unit, ROWS / spent, {f"{who}, from {SAMPLE_ROWS:,} rows": SAMPLE_ROWS / cost[at]
              for who, cost in sampled.items()}, ours.peak_mib, ROWS)
        for at, title, unit, spent in ((0, name, "rows/s", wall), (1, f"{name}, processor", "rows/CPU s", cpu))
    ]  # fmt: skip


def _of_stage(folder: Path) -> Entry:
    """The cost of the stage `profile` for 200,000 users (simulated ones, each copied a hundred times), times five."""
    folder.mkdir()
    lay_out(folder, {"simulate": {"users": _SIMULATED}})
    log, variables = folder / "bench.log", {**environment(folder), "PYTHONPATH": str(ROOT)}
    for name in _BEFORE:
        cost_of(stage(name), folder, log, variables)
    cost_of(
        python("-m", "benchmarks.tasks.copied_users", "data/logins", str(_COPIES)), folder, log, variables
    )
    cost = cost_of(stage("profile"), folder, log, variables)
    users = _SIMULATED * _COPIES
    seconds = cost.seconds * _MILLION / users
    sys.stderr.write(
        f"bench: stage profile took {cost.seconds:.0f} s for {users:,} users; "
        f"for a million that is extrapolated to {seconds:.0f} s\n"
    )
    return Entry(
        f"stage profile, 1 M users, from {users:,}", "s", seconds, peak_mib=cost.peak_mib, rows=users
    )


def _run(folder: Path, what: str, leaves: int, rows: int) -> tuple[Cost, tuple[float, float]]:
    command = python("-m", "benchmarks.tasks.explained_rows", what, folder, str(leaves), str(rows))
    return _measured(command, folder)


def _measured(command: list[str | Path], folder: Path) -> tuple[Cost, tuple[float, float]]:
    """The cost of the process, and the seconds of wall and processor time that it reports."""
    log = folder / "bench.log"
    log.unlink(missing_ok=True)
    cost = cost_of(command, folder, log, {"PYTHONPATH": str(ROOT)})
    last = log.read_text("utf-8").splitlines()[-1]
    wall, cpu = json.loads(last) if last.startswith("[") else (cost.seconds, cost.cpu_seconds)
    return cost, (wall, cpu)
