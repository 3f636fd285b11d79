"""`python -m tests.support.killed FOLDER`: kills a commit at each of its file operations, in a process each.

FOLDER/N gets what the kill before operation N has left, for N = 0, 1, … until a commit ends by itself. The last line
says how many there are.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.storage.commit import written_together

OUTPUTS = {
    "rows": "data/rows",
    "csv": "crm/list.csv",
    "parquet": "crm/list.parquet",
    "report": "reports/r.json",
}
"""A folder, a pair of files side by side, and a file in a folder of its own."""
_OPERATIONS = {
    "open",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.truncate",
    "fcntl.flock",
    "shutil.rmtree",
}


def write_all(root: Path, text: str) -> None:
    """Write every output, so that each says `text`."""
    with written_together({name: root / path for name, path in OUTPUTS.items()}) as new:
        for bucket in range(2):
            (new["rows"] / f"bucket={bucket}").mkdir(parents=True)
            (new["rows"] / f"bucket={bucket}" / "part").write_text(text, "utf-8")
        for name in ("csv", "parquet", "report"):
            new[name].write_text(text, "utf-8")


def killed_before(operation: int, operations: Collection[str], run: Callable[[], None]) -> bool:
    """Whether `run`, in a process of its own, was killed before its operation of that number; else it had fewer.

    `operations`: the audit events that are counted, from 0 on.
    """
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, _: tuple[Any, ...]) -> None:
            nonlocal count
            if event in operations:
                if count == operation:
                    os.kill(os.getpid(), signal.SIGKILL)
                count += 1

        sys.addaudithook(hook)
        run()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def main(folder: Path) -> None:
    """Kill at the first operation, the second, and so on."""
    write_all(folder / "before", "old")
    number, killed = 0, True
    while killed:
        shutil.copytree(folder / "before", folder / str(number))
        killed = killed_before(number, _OPERATIONS, partial(write_all, folder / str(number), "new"))
        number += 1
    sys.stdout.write(f"{number}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
