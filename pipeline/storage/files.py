"""Single files: JSON, text and CSV, and the message for a file that is missing or damaged."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import DataError
from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits


@contextmanager
def found_whole(path: Path) -> Iterator[None]:
    """The block reads `path`. Raises InputError when the file is missing, cut off or of another kind."""
    finish_commits(path)
    try:
        yield
    except (
        FileNotFoundError, pl.exceptions.ComputeError, json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError,
        DataError,
    ) as error:  # fmt: skip
        problem = "there is no such file" if isinstance(error, FileNotFoundError) else f"damaged: {error}"
        raise InputError(f"{path}: {problem}.\nFetch it whole, or make it again: dvc repro") from error


def write_json(value: Any, path: Path) -> None:
    """Write `value` as JSON that a person can read and a diff can compare. NaN is refused.

    Dataclasses are written field by field, and other types as their text.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, default=_plain, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def read_json(path: Path) -> Any:
    """What `write_json` wrote."""
    finish_commits(path)
    return json.loads(path.read_text("utf-8"))


def read_whole_json(path: Path) -> Any:
    """What `write_json` wrote. Raises InputError when the file is missing, cut off or no JSON."""
    with found_whole(path):
        return read_json(path)


def read_text(path: Path) -> str:
    """A file of UTF-8 text."""
    finish_commits(path)
    return path.read_text("utf-8")


def write_text(text: str, path: Path) -> None:
    """Write a file of UTF-8 text, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file of bytes, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read_csv(path: Path) -> pl.DataFrame:
    """A CSV table with a header."""
    finish_commits(path)
    return pl.read_csv(path)
