"""The files of a log, in the order in which they are read."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import InputError


def log_files(path: str, files: str, named: str = "log.path in params.yaml") -> list[Path]:
    """The files of a log, in order: `path` itself, files below it that match `files`, or matches of a glob.

    Hidden files (`.name`, and `_name` such as Spark's _SUCCESS) do not belong to a log. `named`: what names the path.
    Raises InputError when no file matches, or when one is empty.
    """
    log = sorted(_matching(path, files, named))
    if not log:
        raise InputError(f"{path}: no file matches {files!r}.\nCorrect {named}, or log.files in params.yaml.")
    for file in log:
        if file.stat().st_size == 0:
            raise InputError(f"{file}: the file is empty.\nRemove it, or export it again.")
    return log


def _matching(path: str, files: str, named: str) -> Iterator[Path]:
    root = Path(path)
    if root.is_file():
        yield root
        return
    if not root.is_dir() and any(mark in path for mark in "*?["):
        fixed = Path(*root.parts[: next(i for i, part in enumerate(root.parts) if set(part) & set("*?["))])
        root, files = fixed, str(root.relative_to(fixed))
        below = root.glob(files)
    elif root.is_dir():
        below = root.glob(files) if "/" in files else root.rglob(files)
    else:
        raise InputError(f"{path}: there is no such file or folder.\nCorrect {named}.")
    for file in below:
        hidden = any(part.startswith((".", "_")) for part in file.relative_to(root).parts)
        if file.is_file() and not hidden:
            yield file
