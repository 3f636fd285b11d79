"""Digests. Promise: they depend on what a file holds, never on where it lies or when it was written."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def digest_of(files: Mapping[str, Path], values: Any = None) -> str:
    """SHA-256 (64 hex digits) of the bytes below each path and of JSON-able `values`.

    A path is a file or a folder; its name in `files` and the files' paths inside a folder count, its
    own place does not.
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
