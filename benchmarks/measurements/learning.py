"""Training and scoring: ours beside LightGBM alone on the same matrix, with the same settings and threads."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.support.entries import Entry
from benchmarks.support.processes import Cost, cost_of, python
from benchmarks.support.projects import ROOT
from benchmarks.tasks.explained_rows import FEATURES
from benchmarks.tasks.fitted_rows import TREES

ROWS = 200_000
RUNS = 3
"""The sides alternate; the median of three runs counts."""


def beside_bare_lightgbm() -> list[Entry]:
    """Seconds to train, and rows scored per second."""
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-"))
    try:
        _run(folder, "make")
        costs_of: dict[str, list[tuple[Cost, float]]] = {
            what: [] for what in ("train", "bare_train", "score", "bare_score")
        }
        for _ in range(RUNS):
            for what, costs in costs_of.items():
                costs.append(_run(folder, what))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    wall = {what: sorted(seconds for _, seconds in costs)[RUNS // 2] for what, costs in costs_of.items()}
    peak = max(cost.peak_mib for cost, _ in costs_of["train"])
    bare = max(cost.peak_mib for cost, _ in costs_of["bare_train"])
    matrix = ROWS * FEATURES * 4 / 2**20
    sys.stderr.write(
        f"bench: training holds {peak:.0f} MiB at most, LightGBM alone {bare:.0f}; the matrix has {matrix:.0f}\n"
    )
    name = f"train {TREES} trees on {FEATURES} features"
    return [
        Entry(name, "s", wall["train"], {"LightGBM alone": wall["bare_train"]}, peak, ROWS),
        Entry(
            f"score with {TREES} trees", "rows/s", ROWS / wall["score"],
            {"Booster.predict alone": ROWS / wall["bare_score"]}, None, ROWS,
        ),
    ]  # fmt: skip


def _run(folder: Path, what: str) -> tuple[Cost, float]:
    log = folder / "bench.log"
    log.unlink(missing_ok=True)
    command = python("-m", "benchmarks.tasks.fitted_rows", what, folder, str(ROWS))
    cost = cost_of(command, folder, log, {"PYTHONPATH": str(ROOT)})
    last = log.read_text("utf-8").splitlines()[-1]
    return cost, float(json.loads(last)[0]) if last.startswith("[") else cost.seconds
