"""Digests. Promise: they depend on the content of files, never on their path or time."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def digest_of(files: Mapping[str, Path], values: Any = None) -> str:
    """SHA-256 (64 hex digits) of the bytes below each path and of JSON-able `values`.

    A path is a file or a folder. Its name in `files` counts, and so do the paths of files inside a folder. The path
    itself does not.
    """
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode())
    for name, path in sorted(files.items()):
        for file in _files_of(path):
            digest.update(f"\n{name}/{file.relative_to(path).as_posix()} {file.stat().st_size}\n".encode())
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


def _files_of(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file())
