"""Runs the scripts of `benchmarks/peers` in a separate environment.

Promise: if that environment cannot be made, peers are left out and the reason is printed.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.support.processes import CommandError, Cost, cost_of, python
from benchmarks.support.projects import ROOT, environment

ENVIRONMENT = ROOT / ".bench-venv"
_REQUIREMENTS = ROOT / "benchmarks/peers.txt"
_SCRIPTS = ROOT / "benchmarks/peers"
_EVENTS, _SPEC = Path("data/events"), Path("data/peer_spec.json")
DUCKDB, FEATURETOOLS = Path("data/duckdb/part.parquet"), Path("data/featuretools/part.parquet")


class Sampled(NamedTuple):
    """The result of featuretools: events and features of the sample, and the seconds from read to write."""

    events: int
    features: int
    seconds: float
    cpu_seconds: float


def peers_python() -> Path | None:
    """The Python with the peers, whose environment is made if absent; None when it cannot be made."""
    made = ENVIRONMENT / "made-from.txt"
    wanted = _REQUIREMENTS.read_text("utf-8")
    peers = ENVIRONMENT / "bin/python"
    if made.is_file() and made.read_text("utf-8") == wanted:
        return peers
    sys.stderr.write(f"bench: making {ENVIRONMENT.name} from benchmarks/{_REQUIREMENTS.name} …\n")
    for command in (
        python("-m", "venv", "--clear", ENVIRONMENT),
        [peers, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", _REQUIREMENTS],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            why = (done.stderr.strip().splitlines() or ["no reason was said"])[-1]
            sys.stderr.write(
                f"bench: DuckDB and featuretools are left out, {ENVIRONMENT.name} failed: {why}\n"
            )
            return None
    made.write_text(wanted, "utf-8")
    return peers


def describe(folder: Path) -> None:
    """Write the facts about the log in `folder` that the scripts need."""
    command = python("-m", "benchmarks.tasks.peer_spec", _SPEC)
    cost_of(command, folder, folder / "bench.log", {**environment(folder), "PYTHONPATH": str(ROOT)})


def duckdb(peers: Path, folder: Path) -> Cost:
    """Write DUCKDB below `folder`."""
    (folder / DUCKDB).parent.mkdir(parents=True, exist_ok=True)
    return cost_of(
        [peers, _SCRIPTS / "duckdb_windows.py", _EVENTS, DUCKDB, _SPEC], folder, folder / "bench.log"
    )


def featuretools(peers: Path, folder: Path, users: int) -> Sampled:
    """Write FEATURETOOLS below `folder`, from a sample of users. Raises CommandError when it fails."""
    (folder / FEATURETOOLS).parent.mkdir(parents=True, exist_ok=True)
    command = [peers, _SCRIPTS / "featuretools_rows.py", _EVENTS, FEATURETOOLS, _SPEC, str(users)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"featuretools_rows.py: ended with {done.returncode}.\n{done.stderr[-2000:]}")
    return Sampled(**json.loads(done.stdout.splitlines()[-1]))
