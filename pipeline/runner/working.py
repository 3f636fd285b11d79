"""The working folders of commands, inside the project: they hold every user id, so none is left behind.

Promise: a folder that a killed process left is removed by the next command, and that of a living process stays.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from zc.lockfile import LockError, LockFile

from pipeline.storage.datasets import WORKING

_LOCK = ".lock"


@contextmanager
def working_folder(command: str, root: Path = Path()) -> Iterator[Path]:
    """An empty folder below `root` for this block and its owner alone. Those that killed processes left are removed."""
    place = root / WORKING.path
    remove_left(place)
    lock, folder = _locked(place, command)
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)
        lock.close()
        with suppress(OSError):  # another command works there, too
            place.rmdir()


def remove_left(place: Path) -> None:
    """Remove the folders below `place` whose process is dead, and say so."""
    for file in place.glob(f"*{_LOCK}"):
        folder = file.with_suffix("")
        try:
            lock = LockFile(str(file))
        except LockError:
            continue  # its process is alive
        if folder.is_dir():
            sys.stderr.write(f"{folder}: a run that was killed left it; it is removed.\n")
        _remove(folder)
        lock.close()


def _locked(place: Path, command: str) -> tuple[LockFile, Path]:
    """A new name, and its lock."""
    while True:
        folder = place / f"{command}-{uuid4().hex[:8]}"
        place.mkdir(parents=True, exist_ok=True)
        with suppress(LockError, FileNotFoundError):  # another command has just tidied up
            lock = LockFile(str(_lock_of(folder)))
            if _lock_of(folder).exists():
                return lock, folder
            lock.close()


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_LOCK}")


def _remove(folder: Path) -> None:
    """Remove a folder and the file of its lock, which is held."""
    if folder.is_dir():
        shutil.rmtree(folder)
    _lock_of(folder).unlink(missing_ok=True)
