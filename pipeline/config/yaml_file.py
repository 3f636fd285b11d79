"""Reads YAML files. Promise: a file that cannot be read ends in one message, and none can fill the memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import InputError

_MOST_BYTES = 5_000_000
_MOST_VALUES = 200_000
"""A few lines of aliases to aliases hold billions of values."""


def read_yaml(path: Path) -> Any:
    """The content of `path`. Raises InputError when it is not YAML, or holds a date that does not exist."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(
                f"{path}: has {path.stat().st_size:,} bytes, and at most {_MOST_BYTES:,} are read.\n"
                "Is it another file? Correct the path."
            )
        raw = yaml.safe_load(path.read_text("utf-8"))
    except RecursionError as error:
        raise InputError(f"{path}: not readable as YAML: nested too deeply.\nMend the file.") from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise InputError(f"{path}: not readable as YAML: {error}\nMend the file at that line.") from error
    except (ValueError, OverflowError, TypeError, AttributeError, KeyError) as error:
        # PyYAML lets through what Python says of a date, a number or a tag that it cannot make a value of.
        raise InputError(
            f"{path}: not readable as YAML: a value is not what it looks like: {error}\n"
            "Correct the date, number or tag, or write it in quotes."
        ) from error
    if sum(1 for _, _ in zip(_values(raw), range(_MOST_VALUES), strict=False)) == _MOST_VALUES:
        raise InputError(
            f"{path}: holds more than {_MOST_VALUES:,} values; an alias such as *name repeats all that it stands for.\n"
            "Write the values out, without aliases."
        )
    return raw


def _values(raw: Any) -> Iterator[Any]:
    """Each value in `raw`, as often as it stands there; without end where a value holds itself."""
    waiting = [raw]
    while waiting:
        value = waiting.pop()
        yield value
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
