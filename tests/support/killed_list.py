"""`python -m tests.support.killed_list PROJECT FOLDER`: kills a delivery at many of its file operations.

PROJECT is a folder in which the stages up to `score` have run. FOLDER/before has the lists that were delivered before,
and FOLDER/N gets what the Nth kill has left of them. The last line says how many kills there were.
"""

import shutil
import sys
from functools import partial
from pathlib import Path

import polars as pl

from pipeline.commands.deliver import deliver
from pipeline.crm.sinks.profile import PROFILES
from pipeline.crm.sinks.tool_files import Writing
from tests.support.killed import killed_before

_OPERATIONS = {"os.rename", "os.remove", "shutil.copytree"}
"""Those that change what a reader finds, and the first one."""


def deliver_list(project: Path, lists: Path) -> None:
    """Deliver the list of the project, for Braze, below `lists`."""
    entry = pl.read_parquet(project / "data/crm/list.parquet")
    deliver(entry, lists, project, Writing(PROFILES["braze"], (), plain_ids=False))


def main(project: Path, folder: Path) -> None:
    """Kill at the first operation, the second, and so on."""
    number, killed = 0, True
    while killed:
        shutil.copytree(folder / "before", folder / str(number))
        killed = killed_before(number, _OPERATIONS, partial(deliver_list, project, folder / str(number)))
        number += 1
    sys.stdout.write(f"{number}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
