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
from pipeline.storage.datasets import stage_that_writes

_DAMAGED = (
    FileNotFoundError, pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, KeyError, TypeError,
    AttributeError, IndexError, DataError,
)  # fmt: skip
"""What readers raise on bytes that are not those that were written. A panic is Polars' word for a fault of its own."""
_MOST_SHOWN = 300


@contextmanager
def found_whole(path: Path) -> Iterator[None]:
    """The block reads `path`. Raises InputError when the file is missing, cut off, damaged or of another kind."""
    finish_commits(path)
    try:
        yield
    except InputError:
        raise
    except _DAMAGED as error:
        lines = (f"no {error}" if isinstance(error, KeyError) else str(error)).splitlines()
        why = lines[0][:_MOST_SHOWN] if lines else type(error).__name__
        problem = "there is no such file" if isinstance(error, FileNotFoundError) else f"damaged: {why}"
        again = f"dvc repro {stage_that_writes(path)}".rstrip()
        raise InputError(f"{path}: {problem}.\nFetch it whole, or make it again: {again}") from error


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


class _NoKeyError(InputError, KeyError):
    """A key that a JSON file should have: a KeyError, too, for those who know what to do without it."""

    __str__ = InputError.__str__


class StoredJson(dict[str, Any]):
    """An object of a JSON file that knows the file: a missing key is an InputError naming it."""

    __slots__ = ("path",)

    def __init__(self, content: dict[str, Any], path: Path) -> None:
        super().__init__(content)
        self.path = path

    def __missing__(self, key: str) -> Any:
        again = f"dvc repro {stage_that_writes(self.path)}".rstrip()
        raise _NoKeyError(
            f"{self.path}: damaged, or of another version: there is no {key!r}.\n"
            f"Fetch it whole, or make it again: {again}"
        )


def read_whole_json(path: Path) -> Any:
    """What `write_json` wrote. Raises InputError when the file is missing or damaged, or lacks a key asked for."""
    with found_whole(path):
        return json.loads(path.read_text("utf-8"), object_hook=lambda content: StoredJson(content, path))


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
    """A CSV table with a header. Raises InputError when it is missing or damaged."""
    with found_whole(path):
        return pl.read_csv(path)
