"""The start-up time of commands and stages in two project folders:  python -m benchmarks.start_up BEFORE AFTER

Each folder's `.venv` is used, and the folders alternate. Processor seconds are compared, since a busy machine changes
them least.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.support.processes import Cost, cost_of, median_cost

_STAGES = ("simulate", "rates", "ingest", "activity", "logins", "define", "readiness", "train", "evaluate", "profile",
           "health", "score", "business", "drift", "model_card", "report", "track")  # fmt: skip
_COMMANDS = ("--help", "features", "where")


def main() -> None:
    """Print the median processor seconds of each start, before and after, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--log", type=Path, default=Path("start_up.log"), help="what the commands say")
    options = parser.parse_args()
    table = Table("start", "before", "after", "after / before")
    whole = [0.0, 0.0]
    for name in (*_COMMANDS, *_STAGES):
        costs: tuple[list[Cost], list[Cost]] = ([], [])
        for _ in range(options.runs):
            for folder, spent in zip((options.before, options.after), costs, strict=True):
                spent.append(cost_of(_start(folder, name), folder, options.log))
        seconds = [median_cost(spent).cpu_seconds for spent in costs]
        whole = [one + other for one, other in zip(whole, seconds, strict=True)]
        table.add_row(name, *(f"{value:.2f}" for value in seconds), f"{seconds[1] / seconds[0]:.2f}")
    table.add_row("all", *(f"{value:.2f}" for value in whole), f"{whole[1] / whole[0]:.2f}")
    Console().print(table)


def _start(folder: Path, name: str) -> list[str | Path]:
    """The command that starts `name` with the code of `folder`: a command of lastlogin, or a stage's imports."""
    root = folder.resolve()
    if name in _COMMANDS:
        return [root / ".venv/bin/lastlogin", name]
    module = f"pipeline.stages.{name}" if (root / "pipeline/stages").is_dir() else f"pipeline.{name}"
    return [root / ".venv/bin/python", "-c", f"import {module}"]


if __name__ == "__main__":
    main()
