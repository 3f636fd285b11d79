"""Walks into nested values: objects and lists of JSON, structs and lists of Parquet, and JSON kept as text.

Promise: what a value does not have is ABSENT, and null in a column; nothing is guessed.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import polars as pl

from features.contract.paths import Path

ABSENT: Final = object()
"""What stands at a path that a value does not have."""
_ENTRY_NAMES = ("key", "name")
"""The fields that name an entry in a list of entries; its content is the field `value`."""
_DEEPEST = 6


def json_value(text: str) -> Any:
    """The JSON value in `text`, numbers as text; ABSENT when it is no JSON."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return ABSENT


def as_text(value: Any) -> str | None:
    """A JSON value as text; null and the empty text are None. A lone surrogate, which is no character, becomes `?`."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


_json_value = lru_cache(maxsize=16)(json_value)
"""Several paths lead into one text, one after another."""


def value_at(value: Any, path: Path, step: int = 0) -> Any:
    """What stands in `value` at the steps of `path` from `step` on; ABSENT when nothing does."""
    while step < len(path.keys):
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            value = _json_value(value)
        if isinstance(value, dict):
            found = next((key for key in path.keys[step] if key[0] in value), None)
            if found is None:
                return ABSENT
            value, step = value[found[0]], found[1]
        elif isinstance(value, list):
            value, step = _in_list(value, path.looked_up[step]), step + 1
        else:
            return ABSENT
    return value


def column_at(column: pl.Series, path: Path, step: int) -> tuple[pl.Series, int] | None:
    """One step of `path` into a nested `column`: what stands there, and the next step; None without it."""
    dtype = column.dtype
    if isinstance(dtype, pl.Array):
        column, dtype = column.arr.to_list(), pl.List(dtype.inner)
    if isinstance(dtype, pl.Struct):
        names = {field.name for field in dtype.fields}
        found = next((key for key in path.keys[step] if key[0] in names), None)
        return None if found is None else (column.struct.field(found[0]), found[1])
    key = path.looked_up[step]
    if not isinstance(dtype, pl.List) or key is None:
        return None
    if key.isdecimal():
        return column.list.get(int(key), null_on_oob=True), step + 1
    named = _entry_name(dtype.inner)
    if named is None:
        return None
    entry = pl.element().filter(pl.element().struct.field(named) == key)
    return column.list.eval(entry.struct.field("value").first()).list.first(), step + 1


def paths_in(value: Any) -> Iterator[str]:
    """The paths to single values in `value`, by which a contract can name them."""
    return (path for path, _ in leaves_of(value))


def leaves_of(value: Any, before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The single values in `value` with their paths; of a list that has no entries only the first element."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        inner = _json_value(value)
        value = value if inner is ABSENT else inner
    if depth > _DEEPEST or not value or not isinstance(value, dict | list):
        yield before, value
    elif isinstance(value, dict):
        for key, one in value.items():
            plain = key and not set(key) & set(".[]")
            step = key if plain and not before else f".{key}" if plain else f"[{key}]"
            yield from leaves_of(one, before + step, depth + 1)
    else:
        for at, one in enumerate(value):
            named = next((one[name] for name in _ENTRY_NAMES if _is_entry(one, name)), None)
            if named is not None:
                yield from leaves_of(one["value"], f"{before}[{named}]", depth + 1)
            elif at == 0:
                yield from leaves_of(one, f"{before}[0]", depth + 1)


def _in_list(values: list[Any], key: str | None) -> Any:
    """The element of this number, or the value of the first entry of this name."""
    if key is None:
        return ABSENT
    if key.isdecimal():
        return values[int(key)] if int(key) < len(values) else ABSENT
    entries = (one for one in values if isinstance(one, dict) and "value" in one)
    return next((one["value"] for one in entries if key in (one.get(name) for name in _ENTRY_NAMES)), ABSENT)


def _is_entry(value: Any, name: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(name), str) and "value" in value


def _entry_name(dtype: Any) -> str | None:
    if not isinstance(dtype, pl.Struct):
        return None
    names = {field.name for field in dtype.fields}
    return next((name for name in _ENTRY_NAMES if name in names), None) if "value" in names else None
