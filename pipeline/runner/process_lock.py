"""Locks between processes, held by the operating system: that of a process that died is free.

Promise: who finds a lock taken is told by whom.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from zc.lockfile import LockError, LockFile

from pipeline.errors import BusyError
from pipeline.storage.files import read_text


@contextmanager
def held_alone(file: Path, work: str) -> Iterator[None]:
    """The block runs in one process at a time. `file`: of the lock; it stays. `work`: what is done, for the message.

    Raises BusyError naming the process that holds the lock.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    try:
        lock = LockFile(str(file), content_template=f"process {{pid}} on {{hostname}} since {since}")
    except LockError as error:
        holder = read_text(file).strip() or "a process that has just begun"
        raise BusyError(
            f"{work}: {holder} does this now.\nWait until it has ended, or end it, and run this again."
        ) from error
    try:
        yield
    finally:
        lock.close()
