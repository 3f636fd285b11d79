"""The figures of the business on some 20 million events: the stage `business` alone, and from the events on.

The log is that of `features_20m`, and is reused. There is no list yet, so an empty one takes its place.
"""

import tempfile
from pathlib import Path

from benchmarks.measurements.features_20m import DAYS, USERS, log_of_events
from benchmarks.support.entries import Entry
from benchmarks.support.processes import cost_of, median_cost, python, stage
from benchmarks.support.projects import ROOT, environment

_RUNS = 3


def on_business(workdir: Path | None, users: int | None) -> list[Entry]:
    """Seconds and peak memory of `business`, and of `activity` and `business` one after the other."""
    count = users or USERS
    folder = workdir or Path(tempfile.gettempdir()) / f"lastlogin-bench-{count}x{DAYS}"
    events = log_of_events(folder, count)
    log, variables = folder / "bench.log", {**environment(folder), "PYTHONPATH": str(ROOT)}
    days = cost_of(stage("activity"), folder, log, variables)
    cost_of(python("-m", "benchmarks.tasks.empty_list"), folder, log, variables)
    figures = median_cost([cost_of(stage("business"), folder, log, variables) for _ in range(_RUNS)])
    both = days.then(figures)
    shown = "20 M" if count == USERS else f"{events:,}"
    return [
        Entry(f"business, {shown} events", "s", figures.seconds, {}, figures.peak_mib, events),
        Entry(f"activity + business, {shown} events", "s", both.seconds, {}, both.peak_mib, events),
    ]
