"""How CRM tools read a CSV file, by their own documentation, and a store that holds what they have read."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

Value = str | float | bool | date | None
Store = dict[str, dict[str, str]]
"""Of each key, the cells that are not blank."""

_FIELD = re.compile(r'("(?:[^"]|"")*"|[^",\n]*)(,|\n|$)')
_FLAGS = {"TRUE": True, "FALSE": False, "true": True, "false": False}


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a file as RFC 4180 has them: UTF-8, a header, a comma, quotes doubled."""
    text = file.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def braze_rows(file: Path) -> list[dict[str, Value]]:
    """The rows as Braze reads them: what has quotes is text, dates are ISO 8601, a blank is no value."""
    lines = file.read_bytes().decode("utf-8").splitlines()
    header, *rows = (
        [match[1] for match in _FIELD.finditer(line)][: lines[0].count(",") + 1] for line in lines
    )
    assert all(len(row) == len(header) for row in rows)
    return [{name: _braze(cell) for name, cell in zip(header, row, strict=True)} for row in rows]


def _braze(cell: str) -> Value:
    if cell.startswith('"'):
        text = cell[1:-1]
        assert '"' not in text
        return text
    assert not re.match(r"-?0\d|-?0\.", cell), "read as octal, or as text"
    return typed(cell)


def typed(cell: str) -> Value:
    """A cell without quotes: a flag, an ISO day, a plain decimal, else text; None for a blank one."""
    if cell == "":
        return None
    if cell in _FLAGS:
        return _FLAGS[cell]
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell):
        return date.fromisoformat(cell)
    return float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else cell


def upload(store: Store, key: str, files: Iterable[Path], *, null: str | None = None) -> Store:
    """`store` after an update by `files`: blank cells overwrite nothing, and `null` removes a value."""
    held = {name: dict(cells) for name, cells in store.items()}
    for file in files:
        for row in rows_of(file):
            of_user = held.setdefault(row[key], {})
            of_user |= {name: cell for name, cell in row.items() if name != key and cell not in {"", null}}
            for name in [name for name, cell in row.items() if cell == null]:
                of_user.pop(name, None)
    return held


def cells(store: Mapping[str, Mapping[str, str]], key: str, name: str) -> str | None:
    """A cell of the store; None for one that is not there."""
    return store.get(key, {}).get(name)
