"""Single files: JSON, and what is said when a file is missing or damaged."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.errors import DataError
from pipeline.errors import InputError


@contextmanager
def found_whole(path: Path) -> Iterator[None]:
    """Within it, `path` is read. Raises InputError when what a stage wrote there is gone, cut off or no such thing."""
    try:
        yield
    except (
        FileNotFoundError, pl.exceptions.ComputeError, json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError,
        DataError,
    ) as error:  # fmt: skip
        what = "there is no such file" if isinstance(error, FileNotFoundError) else f"damaged: {error}"
        raise InputError(f"{path}: {what}.\nFetch it whole, or make it again: dvc repro") from error


def write_json(value: Any, path: Path) -> None:
    """Write `value` as JSON that a person can read and a diff can compare. NaN is refused.

    Dataclasses are written field by field, and what JSON does not know as its text.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, default=_plain, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def read_json(path: Path) -> Any:
    """What `write_json` wrote."""
    return json.loads(path.read_text("utf-8"))
