"""Runs a command as a separate process, and gives its cost.

Promise: a command that fails stops the measurement with the end of its log. The measuring process must be small: on
Linux a child's peak memory starts at that of its parent, so Polars is not imported here.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_PEAK_PER_MIB = 1024**2 if sys.platform == "darwin" else 1024
_LINES_SHOWN = 15


class CommandError(Exception):
    """A measured command failed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor time in seconds, and the largest resident memory in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mib: float

    def then(self, other: "Cost") -> "Cost":
        """The cost of running one after the other."""
        return Cost(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.peak_mib, other.peak_mib),
        )


def cost_of(
    command: Sequence[str | Path], folder: Path, log: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run `command` in `folder` with `environment` added to the current one; its output is appended to `log`.

    Raises CommandError when it does not exit with 0.
    """
    with log.open("a", encoding="utf-8") as output:
        output.write(f"$ {' '.join(map(str, command))}\n")
        output.flush()
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        end = "\n".join(log.read_text("utf-8").splitlines()[-_LINES_SHOWN:])
        raise CommandError(
            f"{' '.join(map(str, command))}: ended with {process.returncode}. The end of {log}:\n{end}"
        )
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / _PEAK_PER_MIB)


def median_cost(costs: Sequence[Cost]) -> Cost:
    """The median of each figure, but the largest of memory."""
    return Cost(
        median(cost.seconds for cost in costs),
        median(cost.cpu_seconds for cost in costs),
        max(cost.peak_mib for cost in costs),
    )


def python(*arguments: str | Path) -> list[str | Path]:
    """The command that runs this environment's Python."""
    return [sys.executable, *arguments]


def stage(name: str) -> list[str | Path]:
    """The command that runs one stage of the pipeline."""
    return python("-m", f"pipeline.stages.{name}")
