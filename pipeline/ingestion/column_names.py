"""Names that a column of a log cannot have."""

from collections.abc import Iterable

from features.contract.model import COLUMNS
from features.events.extraction import EVENT_ID, ORDER, SAME, UNREADABLE
from features.events.fields import FILE, LINE, TEXT
from pipeline.errors import InputError

_OURS = {FILE, LINE, TEXT, ORDER, SAME, UNREADABLE, "@reason", "@bucket", "@exclude", f"@{EVENT_ID}"}
RESERVED = frozenset(_OURS | {f"@{name}" for name in (*COLUMNS, "plan_days")})
"""The names of columns that the pipeline adds to a row."""


def usable(name: str) -> bool:
    """Whether `name` means one column of a log: no column of the pipeline, and no pattern of names for Polars."""
    return name not in RESERVED and name != "*" and not (name.startswith("^") and name.endswith("$"))


def refuse_names(names: Iterable[str], where: str) -> None:
    """Raise InputError when two columns have one name, or a name cannot be used. `where`: the file, or its line."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"{where}: two columns are named {name!r}.\nRename one of them.")
        if not usable(name):
            raise InputError(
                f"{where}: a column is named {name!r}, which has a meaning of its own here.\nRename it in the file."
            )
        seen.add(name)
