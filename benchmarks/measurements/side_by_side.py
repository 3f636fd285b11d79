"""Events to login rows of one log: ours beside the hand-tuned script, DuckDB and featuretools, in turn, in one run.

The sides make different numbers of features, so events times features per second are compared, each with the number
of its features. All read the same Parquet files from a warm page cache.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.support import peer_runs
from benchmarks.support.entries import Entry
from benchmarks.support.processes import Cost, cost_of, median_cost, python, stage
from benchmarks.support.projects import ROOT, environment

OURS, HAND_TUNED, DUCKDB = "ours", "hand-tuned polars", "duckdb"
_PEER_MEMORY = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1"}
"""Polars keeps its memory: the setting for maximum speed."""
_TABLES = {OURS: Path("data/logins"), HAND_TUNED: Path("data/hand_tuned"), DUCKDB: peer_runs.DUCKDB}


@dataclass(frozen=True, slots=True)
class Side:
    """The costs of one side, run by run, and its number of features."""

    costs: Sequence[Cost]
    features: int

    def rate(self, events: int, figure: str) -> float:
        """Events times features per second of `figure` (`seconds`, `cpu_seconds`), in the median."""
        return events * self.features / float(getattr(median_cost(self.costs), figure))


def compare(folder: Path, name: str, *, runs: int, hand_tuned: bool, sample_users: int) -> list[Entry]:
    """The entries `name …` for the log whose events and rates lie in `folder`.

    `hand_tuned`: whether the script for the demo log runs, too. `sample_users`: the number of users for
    featuretools; its rate is extrapolated to all.
    """
    events: int = json.loads((folder / "reports/ingest.json").read_text("utf-8"))["kept"]
    peers = peer_runs.peers_python()
    for path in sorted((folder / "data/events").rglob("*.parquet")):
        path.read_bytes()  # into the page cache
    if peers is not None:
        peer_runs.describe(folder)
    sides_to_run = [OURS, *([HAND_TUNED] if hand_tuned else []), *([DUCKDB] if peers else [])]
    costs: dict[str, list[Cost]] = {who: [] for who in sides_to_run}
    for run in range(1, runs + 1):
        for who in sides_to_run:
            costs[who].append(_cost(who, folder, peers))
        figures = (
            f"{who} {spent[-1].seconds:.1f} s ({spent[-1].cpu_seconds:.1f} CPU s)"
            for who, spent in costs.items()
        )
        sys.stderr.write(f"bench: {name}, run {run} of {runs}: {', '.join(figures)}\n")
    sides = {who: Side(costs[who], count) for who, count in _features(folder, sides_to_run).items()}
    _say_ratios(sides)
    sampled = None if peers is None else peer_runs.featuretools(peers, folder, sample_users)
    if sampled is not None:
        sys.stderr.write(
            f"bench: featuretools took {sampled.seconds:.0f} s ({sampled.cpu_seconds:.0f} CPU s) for the "
            f"{sampled.events:,} events of {sample_users} users and {sampled.features} features; "
            "its rate is extrapolated from them\n"
        )
    return _entries(name, events, sides, sampled, sample_users)


def _entries(
    name: str, events: int, sides: Mapping[str, Side], sampled: peer_runs.Sampled | None, sample_users: int
) -> list[Entry]:
    us = median_cost(sides[OURS].costs)
    others = {who: side for who, side in sides.items() if who != OURS}
    whole = {who: events / median_cost(side.costs).seconds for who, side in others.items()}
    entries = [Entry(name, "events/s", events / us.seconds, whole, us.peak_mib, events)]
    for title, unit, figure in (
        (f"{name}, per feature", "events * features/s", "seconds"),
        (f"{name}, per feature, processor", "events * features/CPU s", "cpu_seconds"),
    ):
        rates = {
            f"{who} ({side.features} features)": side.rate(events, figure) for who, side in others.items()
        }
        if sampled is not None:
            label = f"featuretools ({sampled.features} features), from {sample_users} users"
            rates[label] = sampled.events * sampled.features / float(getattr(sampled, figure))
        entries.append(Entry(title, unit, sides[OURS].rate(events, figure), rates, us.peak_mib, events))
    peaks = {who: median_cost(side.costs).peak_mib for who, side in others.items()}
    return [*entries, Entry(f"{name}, peak memory", "MiB", us.peak_mib, peaks, us.peak_mib, events)]


def _cost(who: str, folder: Path, peers: Path | None) -> Cost:
    log, variables = folder / "bench.log", environment(folder)
    if who == OURS:
        activity = cost_of(stage("activity"), folder, log, variables)
        return activity.then(cost_of(stage("logins"), folder, log, variables))
    if who == HAND_TUNED:
        files = (
            "data/events",
            "data/external/rates.parquet",
            "reports/ingest.json",
            str(_TABLES[HAND_TUNED]),
        )
        variables = {**variables, **_PEER_MEMORY, "PYTHONPATH": str(ROOT)}
        return cost_of(python("-m", "benchmarks.hand_tuned.login_rows", *files), folder, log, variables)
    assert peers is not None  # DuckDB runs only if it is installed
    return peer_runs.duckdb(peers, folder)


def _features(folder: Path, sides: Sequence[str]) -> dict[str, int]:
    command = python("-m", "benchmarks.tasks.feature_count", *(folder / _TABLES[who] for who in sides))
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return dict(zip(sides, json.loads(output), strict=True))


def _say_ratios(sides: Mapping[str, Side]) -> None:
    for who, side in sides.items():
        if who != OURS:
            figures = (f"{what} {_ratio(sides[OURS], side, figure):.2f}" for what, figure in
                    (("wall", "seconds"), ("processor", "cpu_seconds")))  # fmt: skip
            sys.stderr.write(f"bench: ours / {who} per feature, median of run by run: {', '.join(figures)}\n")


def _ratio(ours: Side, other: Side, figure: str) -> float:
    per_run = (getattr(b, figure) / getattr(a, figure) for a, b in zip(ours.costs, other.costs, strict=True))
    return median(per_run) * ours.features / other.features
