"""`python -m tests.support.killed_list PROJECT FOLDER`: kills a delivery at many of its file operations.

PROJECT is a folder in which the stages up to `score` have run. FOLDER/before has the lists that were delivered before,
and FOLDER/N gets what the Nth kill has left of them. The last line says how many kills there were.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.commands.deliver import deliver
from pipeline.crm.sinks.profile import PROFILES
from pipeline.crm.sinks.tool_files import Writing

_OPERATIONS = {"os.rename", "os.remove", "shutil.copytree"}
"""Those that change what a reader finds, and the first one."""


def deliver_list(project: Path, lists: Path) -> None:
    """Deliver the list of the project, for Braze, below `lists`."""
    entry = pl.read_parquet(project / "data/crm/list.parquet")
    deliver(entry, lists, project, Writing(PROFILES["braze"], (), plain_ids=False))


def _killed_before(operation: int, project: Path, lists: Path) -> bool:
    """Whether a delivery was killed before its file operation of that number; else it had fewer."""
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, _: tuple[Any, ...]) -> None:
            nonlocal count
            if event in _OPERATIONS:
                if count == operation:
                    os.kill(os.getpid(), signal.SIGKILL)
                count += 1

        sys.addaudithook(hook)
        deliver_list(project, lists)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def main(project: Path, folder: Path) -> None:
    """Kill at the first operation, the second, and so on."""
    number, killed = 0, True
    while killed:
        shutil.copytree(folder / "before", folder / str(number))
        killed = _killed_before(number, project, folder / str(number))
        number += 1
    sys.stdout.write(f"{number}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
