"""All files and folders that one process writes appear together, or not at all.

They are written beside their targets first. A journal then lists the replacements: from that moment on the change
is made. The writer, a later writer or a reader finishes it. The order is: write, sync, write the journal, move the
old ones away, move the new ones in, remove the journal, delete the old ones.
Promise: after a kill at any moment, readers find all of the old or all of the new.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.errors import BusyError

Move = tuple[Path, Path, Path]
"""The new file or folder, its target, and the path to which the old one moves."""


@contextmanager
def written_together(targets: Mapping[str, Path]) -> Iterator[dict[str, Path]]:
    """Paths to write to. When the block ends well they replace `targets` together, else they are removed.

    Raises BusyError when another process is writing one of the targets.
    """
    new = {name: _beside(path, f"part-{os.getpid()}") for name, path in targets.items()}
    moves = [(new[name], path, _beside(path, f"old-{os.getpid()}")) for name, path in targets.items()]
    with ExitStack() as locks:
        for path in sorted(targets.values()):
            path.parent.mkdir(parents=True, exist_ok=True)
            locks.enter_context(_lock(path))
        _clean(targets.values())
        try:
            yield new
            _commit(moves)
        finally:  # a commit that broke off is finished here, or by the next process
            _clean(targets.values())


def finish_commits(path: Path) -> None:
    """Finish the commit that a killed process left for `path` or for a folder above it.

    Waits for the commit of a process that is alive.
    """
    for level in (path, *path.parents):
        if level.name and os.path.lexists(note := _note(level)):
            _finish(note)


def finish_commits_in(folder: Path) -> None:
    """Finish the commits that killed processes left for files and folders in `folder`, before it is listed."""
    finish_commits(folder)
    for note in folder.glob(_note(folder / "*").name):
        _finish(note)


def _commit(moves: list[Move]) -> None:
    for new, target, _ in moves:
        if not os.path.lexists(new):
            raise FileNotFoundError(f"{target}: nothing was written")
        _sync_tree(new)
    first, *others = [_note(target) for _, target, _ in moves]
    for other in others:  # before the journal: a reader of any target must find it
        os.close(_write_note(other, {"journal": os.path.relpath(first, other.parent)}))
    journal = _write_note(
        first, {"moves": [[os.path.relpath(path, first.parent) for path in move] for move in moves]}
    )
    try:
        _replace(first, moves)
    finally:
        os.close(journal)


def _replace(journal: Path, moves: Iterable[Move]) -> None:
    """Make the moves that are not made yet, then remove the journal."""
    folders = {target.parent for _, target, _ in moves}
    for new, target, old in moves:
        if not os.path.lexists(new):
            continue  # this move is done already
        if os.path.lexists(target):
            target.rename(old)
        new.rename(target)
    for folder in folders:
        _sync(folder)
    journal.unlink()
    _sync(journal.parent)


def _finish(note: Path) -> None:
    """Finish the commit that `note` belongs to, if it is not finished yet."""
    try:
        content = json.loads(note.read_text("utf-8"))
        journal = note if "moves" in content else note.parent / content["journal"]
        opened = os.open(journal, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        if _is_at(opened, journal):
            moves = json.loads(journal.read_text("utf-8"))["moves"]
            _replace(journal, [_move(journal.parent, names) for names in moves])
    finally:
        os.close(opened)


def _move(folder: Path, names: list[str]) -> Move:
    new, target, old = (Path(os.path.normpath(folder / name)) for name in names)
    return new, target, old


def _write_note(note: Path, content: Mapping[str, object]) -> int:
    """Write `note` in one step, and return it open and locked. The lock ends with the process."""
    aside = note.with_name(f".part-{os.getpid()}-{note.name}")
    opened = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
    fcntl.flock(opened, fcntl.LOCK_EX)
    os.write(opened, json.dumps(content).encode())
    os.fsync(opened)
    aside.replace(note)
    _sync(note.parent)
    return opened


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """Lock `target` for this process. The lock of a process that died is free."""
    file = _beside(target, "lock")
    opened = _open_locked(file, target)
    try:
        os.ftruncate(opened, 0)
        os.write(opened, str(os.getpid()).encode())
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(opened)


def _open_locked(file: Path, target: Path) -> int:
    while True:
        opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            writer = os.read(opened, 20).decode() or "(not known yet)"
            os.close(opened)
            raise BusyError(
                f"{target}: process {writer} is writing it.\nWait until that process has ended, or end it."
            ) from error
        if _is_at(opened, file):
            return opened
        os.close(opened)  # the process that held it has just removed it


def _is_at(opened: int, path: Path) -> bool:
    """Whether the open file still lies at `path`."""
    try:
        on_disk = path.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(opened)
    return (held.st_dev, held.st_ino) == (on_disk.st_dev, on_disk.st_ino)


def _beside(path: Path, role: str) -> Path:
    return path.with_name(f".{role}-{path.name}")


def _note(path: Path) -> Path:
    return _beside(path, "commit")


def _clean(targets: Iterable[Path]) -> None:
    """Finish unfinished commits, then remove leftovers. The locks are held."""
    every = list(targets)
    for target in every:
        finish_commits(target)
    for target in every:
        _remove_leftovers(target)


def _remove_leftovers(target: Path) -> None:
    """Remove what this process or a killed one left beside `target`. Its lock is held."""
    name = re.escape(target.name)
    leftover = re.compile(rf"\.(part|old)-\d+-({name}|\.commit-{name})|\.commit-{name}")
    for entry in target.parent.iterdir():
        if leftover.fullmatch(entry.name):
            _remove(entry)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync_tree(path: Path) -> None:
    """Bring a file, or all of a folder, to the disk."""
    if path.is_dir():
        for entry in path.iterdir():
            _sync_tree(entry)
    _sync(path)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
