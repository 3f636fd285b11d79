"""Events to login rows of two public logs: half a million events, so most of the cost is starting the processes."""

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measurements.side_by_side import compare
from benchmarks.support.entries import Entry
from benchmarks.support.processes import cost_of, stage
from benchmarks.support.projects import ROOT, environment, lay_out

PUBLIC = ROOT.parent / "shared/data"
LOGS = {"online_retail": Path("online_retail/online_retail.csv.gz"), "rails_git": Path("rails_git")}
RUNS = 3
SAMPLE_USERS = 100


def on_real_logs() -> list[Entry]:
    """As `features_20m`, without the script for the demo log. An absent log is left out."""
    return [entry for name, path in LOGS.items() for entry in _of(name, PUBLIC / path)]


def _of(name: str, log: Path) -> list[Entry]:
    if not log.exists():
        sys.stderr.write(f"bench: {log} is absent, so {name} is left out\n")
        return []
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-"))
    try:
        lay_out(folder, {"log": {"path": str(log), "contract": f"data/contracts/{name}.yaml"}})
        for made in ("rates", "external", "ingest"):
            cost_of(stage(made), folder, folder / "bench.log", environment(folder))
        sys.stderr.write(f"bench: {name} is small: starting two processes is most of what ours costs\n")
        return compare(
            folder, f"activity + logins, {name}", runs=RUNS, hand_tuned=False, sample_users=SAMPLE_USERS
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
