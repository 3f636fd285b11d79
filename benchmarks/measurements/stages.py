"""The cost of `make repro` of the demo: stage by stage, and as DVC runs it from an empty folder."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any

from benchmarks.support.entries import Entry
from benchmarks.support.processes import Cost, cost_of, python, stage
from benchmarks.support.projects import environment, lay_out, stages


def by_stage(users: int | None) -> list[Entry]:
    """One entry per stage, each run by itself, and one for all of them, without the work of DVC."""
    with _project(users, with_code=False) as folder:
        costs = dict(_each(folder))
        rows = _events(folder)
    total = reduce(Cost.then, costs.values())
    return [
        *(Entry(f"stage {name}", "s", cost.seconds, {}, cost.peak_mib, rows) for name, cost in costs.items()),
        Entry("repro total", "s", total.seconds, {}, total.peak_mib, rows),
    ]


def by_dvc(users: int | None) -> list[Entry]:
    """`dvc repro` from an empty folder, with the hashing and caching that DVC does between the stages."""
    with _project(users, with_code=True) as folder:
        log, variables = folder / "bench.log", environment(folder)
        cost_of(python("-m", "dvc", "init", "--no-scm", "--quiet"), folder, log, variables)
        sys.stderr.write("bench: dvc repro …\n")
        cost = cost_of(python("-m", "dvc", "repro"), folder, log, variables)
        return [Entry("repro by DVC", "s", cost.seconds, {}, cost.peak_mib, _events(folder))]


def _each(folder: Path) -> Iterator[tuple[str, Cost]]:
    for name in stages():
        cost = cost_of(stage(name), folder, folder / "bench.log", environment(folder))
        sys.stderr.write(f"bench: stage {name}: {cost.seconds:.1f} s, {cost.peak_mib:,.0f} MiB\n")
        yield name, cost


@contextmanager
def _project(users: int | None, *, with_code: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-"))
    changes: dict[str, dict[str, Any]] = {} if users is None else {"simulate": {"users": users}}
    try:
        lay_out(folder, changes, with_code=with_code)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _events(folder: Path) -> int:
    kept: int = json.loads((folder / "reports/ingest.json").read_text("utf-8"))["kept"]
    return kept
