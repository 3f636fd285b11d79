"""How cost grows with the log, from one million events to a hundred: ingest, and events to login rows.

Each size is simulated in a separate folder, which is deleted afterwards. The largest takes some GB of disk. The
exponent is the slope of a straight line through log(cost) over log(events), by least squares: 1 is linear.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

from benchmarks.support.entries import Entry
from benchmarks.support.processes import Cost, cost_of, stage
from benchmarks.support.projects import environment, lay_out

DAYS = 180
SIZES = {"1 M": 6_200, "10 M": 62_000, "100 M": 620_000}
"""By number of events the number of users who make them in DAYS days."""
_STAGES = ("simulate", "rates", "external", "ingest", "activity", "logins")
_FEWEST_BUCKETS, _USERS_OF_BUCKET = 16, 10_000


class Size(NamedTuple):
    """A number of events, and the cost of each stage on them."""

    events: int
    costs: dict[str, Cost]

    @property
    def rows(self) -> Cost:
        """The cost from events to login rows."""
        return self.costs["activity"].then(self.costs["logins"])


def up_to_100m(workdir: Path | None, users: int | None) -> list[Entry]:
    """Events per second and peak memory of each size, then the exponents; `users`: those of the largest size."""
    largest = users or max(SIZES.values())
    measured = {
        name: _measured(workdir, count * largest // max(SIZES.values())) for name, count in SIZES.items()
    }
    if users is not None:
        measured = {f"{size.events:,}": size for size in measured.values()}
    return [entry for name, size in measured.items() for entry in _of(name, size)] + _growth(measured)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The exponent e of `cost = c * events ** e`, by least squares on logarithmic scales."""
    return linear_regression([log(x) for x, _ in points], [log(y) for _, y in points]).slope


def _measured(workdir: Path | None, users: int) -> Size:
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-", dir=workdir))
    buckets = max(_FEWEST_BUCKETS, users // _USERS_OF_BUCKET)
    try:
        lay_out(folder, {"simulate": {"users": users, "days": DAYS}, "engine": {"buckets": buckets}})
        costs = {}
        for name in _STAGES:
            costs[name] = cost_of(stage(name), folder, folder / "bench.log", environment(folder))
            sys.stderr.write(
                f"bench: {name} of {users:,} users: {costs[name].seconds:.0f} s "
                f"({costs[name].cpu_seconds:.0f} CPU s), {costs[name].peak_mib:,.0f} MiB\n"
            )
        return Size(json.loads((folder / "reports/ingest.json").read_text("utf-8"))["kept"], costs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _of(name: str, size: Size) -> list[Entry]:
    return [
        entry
        for what, cost in (("ingest", size.costs["ingest"]), ("activity + logins", size.rows))
        for entry in (
            Entry(f"scale: {what}, {name} events", "events/s", size.events / cost.seconds, {}, cost.peak_mib,
                  size.events),
            Entry(f"scale: {what}, {name} events, processor", "events/CPU s", size.events / cost.cpu_seconds,
                  {}, cost.peak_mib, size.events),
        )
    ]  # fmt: skip


def _growth(sizes: dict[str, Size]) -> list[Entry]:
    names, measured = list(sizes), list(sizes.values())
    costs = {
        "ingest": [size.costs["ingest"] for size in measured],
        "activity + logins": [size.rows for size in measured],
    }
    return [
        Entry(
            f"scale: {what}, {names[0]} to {names[-1]} events, {of}",
            "exponent",
            exponent(
                [(size.events, getattr(cost, figure)) for size, cost in zip(measured, spent, strict=True)]
            ),
            rows=measured[-1].events,
        )
        for what, spent in costs.items()
        for of, figure in (("wall", "seconds"), ("processor", "cpu_seconds"))
    ]
