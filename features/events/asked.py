"""The columns and paths that a contract asks for, out of the rows of a log.

Promise: nothing else is read. A path that a row lacks is null there. What no row of the log has, and what is never a
single value, is refused.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any

import polars as pl

from features.contract.model import Contract
from features.contract.paths import Path, path_of
from features.errors import ContractError
from features.events.fields import FILE, LINE, TEXT
from features.events.nested_values import ABSENT, as_text, column_at, paths_in, value_at

_LOOKED_AT = 200
_MOST_KNOWN = 1000
_SHOWN = 3
_SHOWN_TEXT = 60


class Asked:
    """What a contract asks for, and what of it the log has so far.

    `keys`: by column or path the contract's key that names it.
    """

    def __init__(self, contract: Contract) -> None:
        self.keys = contract.raw_columns
        self._contract = contract.name
        self._paths = {name: path for name in self.keys if (path := path_of(name)) is not None}
        self._columns: dict[str, None] = {}
        self._known: dict[str, None] = {}
        self._found: set[str] = set()
        self._single: set[str] = set()
        self._several: dict[str, str] = {}

    def of_objects(self, objects: Sequence[dict[str, Any]]) -> list[pl.Series]:
        """The columns of text that are asked for and that one of `objects` has."""
        self._look_at(objects)
        if len(self._columns) < _MOST_KNOWN:
            self._columns.update(dict.fromkeys(key for one in objects for key in one))
        columns = []
        for name in self.keys:
            path = self._paths.get(name)
            if path is None:
                values = [one.get(name, ABSENT) for one in objects]
            else:
                values = [value_at(one, path) for one in objects]
            columns.append(self._of_values(name, values))
        return [column for column in columns if column is not None]

    def reads(self, column: str) -> bool:
        """Whether the contract names `column`, or a path that may lead into it."""
        return column in self.keys or any(
            column == key for path in self._paths.values() for key, _ in path.keys[0]
        )

    def with_paths(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with a column for each path that leads into one of its columns; null where no row has it."""
        columns = []
        for name, path in self._paths.items():
            root = next((key for key in path.keys[0] if key[0] in rows.columns), None)
            if root is None or root[0] == name:
                continue
            self._look_at({root[0]: value} for value in values_of(rows[root[0]].head(_LOOKED_AT)))
            column = self._of_column(name, rows[root[0]], path, root[1])
            columns.append(pl.Series(name, [None] * rows.height, pl.String) if column is None else column)
        return rows.with_columns(columns)

    def with_absent(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with an empty column for each that is asked for and absent."""
        absent = [name for name in self.keys if name not in rows.columns]
        return rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)

    def has(self, rows: pl.DataFrame) -> None:
        """Remember the columns of `rows`, wherever they come from; those of no row count for nothing."""
        if rows.height:
            self._found.update(rows.columns)
            self._columns.update(dict.fromkeys(set(rows.columns) - {FILE, LINE, TEXT}))

    def refuse_missing(self) -> None:
        """Raise ContractError for all that no row of the log has, and that is never a single value.

        A log without a row lacks nothing.
        """
        faults = (self._fault(name, key) for name, key in self.keys.items()) if self._found else ()
        wrong = [fault for fault in faults if fault is not None]
        if wrong:
            raise ContractError("\n".join(f"{self._contract}: {fault}" for fault in wrong))

    def _fault(self, name: str, key: str) -> str | None:
        asks = f"{key} asks for {name!r},"
        if name not in self._found:
            return f"{asks} {self._missing(name)}"
        if key.startswith("columns.") and name in self._several and name not in self._single:
            return (
                f"{asks} which holds several values in every row, such as {self._several[name]}.\n"
                f"Name one of them by its path, such as {self._near(name)}."
            )
        return None

    def _missing(self, name: str) -> str:
        if name in self._paths:
            return f"a path that no row of the log has.\nNear it: {self._near(name)}. Correct the path."
        return f"which is no column of the log.\nIts columns: {', '.join(sorted(self._columns))}. Correct the name."

    def _near(self, name: str) -> str:
        known = [one for one in self._known if one not in self._columns]
        below = [one for one in known if one.startswith((f"{name}.", f"{name}["))]
        near = below or get_close_matches(name, known, n=_SHOWN, cutoff=0.5) or known or list(self._columns)
        return ", ".join(near[:_SHOWN])

    def _of_column(self, name: str, column: pl.Series, path: Path, step: int) -> pl.Series | None:
        """What stands in `column` at the steps of `path` from `step` on; None when no row has it."""
        while step < len(path.keys):
            if column.dtype == pl.String:
                values = [ABSENT if text is None else value_at(text, path, step) for text in column]
                return self._of_values(name, values)
            inner = column_at(column, path, step)
            if inner is None:
                return None
            column, step = inner
        column = utf_8(column) if column.dtype == pl.Binary else column
        # A field of a struct is there though no row fills it; of entries only the rows know the names.
        if column.null_count() < len(column) or not any(path.looked_up):
            self._found.add(name)
        return column.alias(name)

    def _of_values(self, name: str, values: Sequence[Any]) -> pl.Series | None:
        """The column of text of `values`; None when no row has it."""
        there = [value for value in values if value is not ABSENT]
        if not there:
            return None
        self._found.add(name)
        if name not in self._single:
            several = next((value for value in there if isinstance(value, dict | list)), None)
            if any(value is not None and not isinstance(value, dict | list) for value in there):
                self._single.add(name)
            elif several is not None:
                self._several.setdefault(name, (as_text(several) or "")[:_SHOWN_TEXT])
        return pl.Series(name, [None if one is ABSENT else as_text(one) for one in values], pl.String)

    def _look_at(self, values: Iterable[Any]) -> None:
        """Remember the paths in the first of `values`, for messages."""
        if len(self._known) < _MOST_KNOWN and not self._found >= self.keys.keys():
            for value in islice(values, _LOOKED_AT):
                self._known.update(dict.fromkeys(paths_in(value)))


def utf_8(column: pl.Series) -> pl.Series:
    """The bytes of `column` as text; what is no UTF-8 becomes U+FFFD."""
    texts = [None if value is None else value.decode("utf-8", "replace") for value in column]
    return pl.Series(column.name, texts, dtype=pl.String)


def values_of(column: pl.Series) -> list[Any]:
    """The values of `column` as Python has them; none when it holds a date that Python does not know."""
    try:
        # Polars itself would panic.
        return list(column.to_arrow().to_pylist())
    except (OverflowError, ValueError):
        return []
