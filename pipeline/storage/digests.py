"""Digests and pseudonyms. Promise: they depend on what a file holds, never on where it lies or when it was written."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PSEUDONYM_DIGITS = 16


def digest_of(files: Mapping[str, Path], values: Any = None) -> str:
    """SHA-256 (64 hex digits) of the bytes below each path and of JSON-able `values`.

    A path is a file or a folder; its name in `files` and the files' paths inside a folder count, its
    own place does not.
    """
    told = hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode())
    for name, path in sorted(files.items()):
        for file in _files_of(path):
            told.update(f"\n{name}/{file.relative_to(path).as_posix()} {file.stat().st_size}\n".encode())
            with file.open("rb") as opened:
                told.update(hashlib.file_digest(opened, "sha256").digest())
    return told.hexdigest()


def pseudonym(user_id: str, key: str) -> str:
    """16 hex digits that stand for `user_id`: HMAC-SHA-256 under `key`, the same in every run.

    With an empty key anyone who can list the user ids can undo it; with a secret one nobody else can.
    """
    return hmac.new(key.encode(), user_id.encode(), "sha256").hexdigest()[:_PSEUDONYM_DIGITS]


def _files_of(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file())
