"""Digests, and the list of a folder's files with theirs: `files.json`.

Promise: a digest depends on the content of files, never on their path or time. In a folder with a list, a file that is
missing or changed is refused by name.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits
from pipeline.storage.files import read_whole_json, write_json

FILES_FILE: Final = "files.json"


def digest_of(files: Mapping[str, Path], values: Any = None) -> str:
    """SHA-256 (64 hex digits) of the bytes below each path and of JSON-able `values`.

    A path is a file or a folder. Its name in `files` counts, and so do the paths of files inside a folder. The path
    itself does not.
    """
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode())
    for name, path in sorted(files.items()):
        for file in _files_of(path):
            digest.update(f"\n{name}/{file.relative_to(path).as_posix()} {file.stat().st_size}\n".encode())
            digest.update(bytes.fromhex(_sha256(file)))
    return digest.hexdigest()


def _files_of(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file())


def list_files(folder: Path) -> None:
    """Write `files.json` into `folder`: the SHA-256 of each other file below it."""
    others = [file for file in _files_of(folder) if file != folder / FILES_FILE]
    write_json({file.relative_to(folder).as_posix(): _sha256(file) for file in others}, folder / FILES_FILE)


def refuse_changed(folder: Path, stage: str) -> None:
    """Raise InputError naming the first file of the list in `folder` that is missing or has other bytes.

    `stage`: that which writes the folder. A folder without a list, which an earlier version wrote, is not checked.
    """
    finish_commits(folder)
    if not (folder / FILES_FILE).is_file():
        return
    to_do = f"Fetch the folder whole, or make it again: dvc repro {stage}"
    listed = read_whole_json(folder / FILES_FILE)
    if not isinstance(listed, dict) or not listed:
        raise InputError(f"{folder / FILES_FILE}: damaged: it lists no file.\n{to_do}")
    for name, digest in listed.items():
        file = folder / name
        if not file.is_file():
            raise InputError(f"{file}: there is no such file, and {FILES_FILE} lists it.\n{to_do}")
        if _sha256(file) != digest:
            raise InputError(f"{file}: damaged or changed: its digest is not that in {FILES_FILE}.\n{to_do}")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
