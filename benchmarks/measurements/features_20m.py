"""Events to login rows on some 20 million events: ours beside all peers and the hand-tuned script.

The demo's simulator writes the log once; it stays in its folder and is reused while the parameters are the same.
"""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measurements.side_by_side import compare
from benchmarks.support.entries import Entry
from benchmarks.support.processes import cost_of, stage
from benchmarks.support.projects import environment, lay_out, parameters

USERS, DAYS = 130_000, 180
RUNS = 3
SAMPLE_USERS = 300


def beside_the_speed_of_light(workdir: Path | None, users: int | None) -> list[Entry]:
    """Events times features per second of wall time and of processor time, and peak memory.

    On a shared machine the ratio of processor times is more reliable than that of wall times.
    """
    count = users or USERS
    folder = workdir or Path(tempfile.gettempdir()) / f"lastlogin-bench-{count}x{DAYS}"
    events = log_of_events(folder, count)
    name = f"activity + logins, {'20 M' if count == USERS else f'{events:,}'} events"
    return compare(folder, name, runs=RUNS, hand_tuned=True, sample_users=min(SAMPLE_USERS, count))


def log_of_events(folder: Path, users: int) -> int:
    """The number of events below `folder`, which are made if absent."""
    changes = {"simulate": {"users": users, "days": DAYS}}
    report, stored = folder / "reports/ingest.json", folder / "params.yaml"
    made = report.is_file() and stored.is_file() and stored.read_text("utf-8") == parameters(changes)
    if not made:
        folder.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        lay_out(folder, changes)
        for name in ("simulate", "rates", "external", "ingest"):
            cost = cost_of(stage(name), folder, folder / "bench.log", environment(folder))
            sys.stderr.write(f"bench: {name} of {users:,} users: {cost.seconds:.0f} s\n")
    kept: int = json.loads(report.read_text("utf-8"))["kept"]
    return kept
