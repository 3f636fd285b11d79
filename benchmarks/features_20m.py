"""Events to login rows on some 20 million events: ours beside the speed of light of `benchmarks.hand_tuned`.

Both read the same Parquet files from the same warm page cache, in turn, in one run. The demo's simulator
writes the log once; it stays in its folder and is used again as long as the parameters are the same.
"""

import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.entries import Entry
from benchmarks.processes import Cost, cost_of, median_cost, python, stage
from benchmarks.projects import ROOT, environment, lay_out, parameters

USERS, DAYS = 130_000, 180
PAIRS = 2
PEER = "hand-tuned polars"
_PEER_MEMORY = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1"}
"""Memory that Polars has once is kept: a quarter less processor time, for somebody who would do anything."""


def beside_the_speed_of_light(workdir: Path | None, users: int | None) -> list[Entry]:
    """Events per second of wall time, of processor time, and peak memory.

    The ratio of processor times says more than that of wall times on a machine that others use too.
    """
    count = users or USERS
    folder = workdir or Path(tempfile.gettempdir()) / f"lastlogin-bench-{count}x{DAYS}"
    events = _log_of_events(folder, count)
    ours, theirs = _in_turn(folder)
    sys.stderr.write(
        f"bench: ratio pair by pair, wall: {_ratios(ours, theirs, 'seconds')}, "
        f"processor: {_ratios(ours, theirs, 'cpu_seconds')}\n"
    )
    us, peer = median_cost(ours), median_cost(theirs)
    name = f"activity + logins, {'20 M' if count == USERS else f'{events:,}'} events"
    return [
        Entry(name, "events/s", events / us.seconds, {PEER: events / peer.seconds}, us.peak_mib, events),
        Entry(
            f"{name}, processor", "events/CPU s", events / us.cpu_seconds, {PEER: events / peer.cpu_seconds},
            us.peak_mib, events,
        ),
        Entry(f"{name}, peak memory", "MiB", us.peak_mib, {PEER: peer.peak_mib}, us.peak_mib, events),
    ]  # fmt: skip


def _log_of_events(folder: Path, users: int) -> int:
    """Events below `folder`, made unless they are there; gives how many."""
    changes = {"simulate": {"users": users, "days": DAYS}}
    report, stored = folder / "reports/ingest.json", folder / "params.yaml"
    made = report.is_file() and stored.is_file() and stored.read_text("utf-8") == parameters(changes)
    if not made:
        folder.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        lay_out(folder, changes)
        for name in ("simulate", "rates", "outside", "ingest"):
            cost = cost_of(stage(name), folder, folder / "bench.log", environment(folder))
            sys.stderr.write(f"bench: {name} of {users:,} users: {cost.seconds:.0f} s\n")
    for path in sorted((folder / "data/events").rglob("*.parquet")):
        path.read_bytes()  # into the page cache
    kept: int = json.loads(report.read_text("utf-8"))["kept"]
    return kept


def _in_turn(folder: Path) -> tuple[list[Cost], list[Cost]]:
    ours, theirs = [], []
    for pair in range(1, PAIRS + 1):
        ours.append(_ours(folder))
        theirs.append(_theirs(folder))
        sys.stderr.write(
            f"bench: pair {pair} of {PAIRS}: activity + logins {ours[-1].seconds:.1f} s "
            f"({ours[-1].cpu_seconds:.1f} CPU s), {PEER} {theirs[-1].seconds:.1f} s "
            f"({theirs[-1].cpu_seconds:.1f} CPU s)\n"
        )
    return ours, theirs


def _ours(folder: Path) -> Cost:
    log, around = folder / "bench.log", environment(folder)
    activity = cost_of(stage("activity"), folder, log, around)
    return activity.then(cost_of(stage("logins"), folder, log, around))


def _theirs(folder: Path) -> Cost:
    files = ("data/events", "data/external/rates.parquet", "reports/ingest.json", "data/hand_tuned")
    around = {**environment(folder), **_PEER_MEMORY, "PYTHONPATH": str(ROOT)}
    return cost_of(python("-m", "benchmarks.hand_tuned", *files), folder, folder / "bench.log", around)


def _ratios(ours: list[Cost], theirs: list[Cost], figure: str) -> str:
    ratios = [getattr(b, figure) / getattr(a, figure) for a, b in zip(ours, theirs, strict=True)]
    return ", ".join(f"{ratio:.2f}" for ratio in ratios) + f" (median {median(ratios):.2f})"
