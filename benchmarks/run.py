"""`python -m benchmarks.run`, from the project's root: measure, print a table, write `reports/bench.json`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.measurements.business import on_business
from benchmarks.measurements.campaign import on_campaigns
from benchmarks.measurements.contributions import beside_other_explainers
from benchmarks.measurements.csv_cutters import on_csv_cutters
from benchmarks.measurements.delivery import on_delivery
from benchmarks.measurements.features_20m import beside_the_speed_of_light
from benchmarks.measurements.learning import beside_bare_lightgbm
from benchmarks.measurements.lists import on_lists
from benchmarks.measurements.real_logs import on_real_logs
from benchmarks.measurements.scale import up_to_100m
from benchmarks.measurements.sinks import on_sinks
from benchmarks.measurements.stages import by_dvc, by_stage
from benchmarks.support.entries import Entry, show, store
from benchmarks.support.processes import CommandError
from benchmarks.support.projects import ROOT

REPORT = Path("reports/bench.json")
ASKED_FOR = ("campaign", "delivery", "scale_100m")
"""They take long, so they run only by name: some twenty minutes each, and an hour with much disk."""


def main(arguments: list[str] | None = None) -> None:
    """Run all benchmarks but ASKED_FOR, or the one that `--only` names."""
    options = _asked(arguments)
    benchmarks: Mapping[str, Callable[[], list[Entry]]] = {
        "stages": lambda: by_stage(options.users),
        "repro": lambda: by_dvc(options.users),
        "features_20m": lambda: beside_the_speed_of_light(options.workdir, options.users),
        "real_logs": on_real_logs,
        "learning": beside_bare_lightgbm,
        "lists": lambda: on_lists(options.users),
        "contributions": beside_other_explainers,
        "sinks": lambda: on_sinks(options.users),
        "csv": lambda: on_csv_cutters(options.workdir),
        "business": lambda: on_business(options.workdir, options.users),
        "campaign": lambda: on_campaigns(options.workdir, options.users),
        "delivery": lambda: on_delivery(options.workdir, options.users),
        "scale_100m": lambda: up_to_100m(options.workdir, options.users),
    }
    load = os.getloadavg()[0]
    sys.stderr.write(f"bench: {os.cpu_count()} cores, load before the start {load:.1f}\n")
    entries: list[Entry] = []
    try:
        for name, measure in benchmarks.items():
            if options.only == name or (options.only is None and name not in ASKED_FOR):
                sys.stderr.write(f"bench: {name} …\n")
                entries += measure()
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    store(entries, ROOT / REPORT, keep_others=options.only is not None or options.users is not None)
    show(entries)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run", description="Measure speed side by side."
    )
    names = (
        "stages", "repro", "features_20m", "real_logs", "learning", "lists", "contributions", "sinks", "csv",
        "business", *ASKED_FOR,
    )  # fmt: skip
    parser.add_argument(
        "--only", choices=names, help=f"run this one alone; {' and '.join(ASKED_FOR)} run only so"
    )
    parser.add_argument("--users", type=int, help="number of simulated users; default: each benchmark's own")
    parser.add_argument(
        "--workdir",
        type=Path,
        help="where logs lie, and what a campaign has done (default: a temporary folder)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
