"""Paths into nested values: `geo.country`, `items[0].price`, `event_params[ga_session_id].int_value`.

Promise: a column or key that bears the whole name comes first, so a path never hides a name with a dot in it.
"""

import re
from dataclasses import dataclass
from functools import cache

_STEP = re.compile(r"(?:^|(?<=.)\.)([^.\[\]]+)|\[([^\[\]]+)\]")
_PART = r"""(?:"[^"]*"|[A-Za-z_$][\w$]*)"""
_IN_SQL = re.compile(
    rf"""'[^']*'|(?P<path>(?<![\w.$])(?!(?i:array)\[){_PART}(?:\.{_PART}|\[[^\[\]'"]+\])+)|"[^"]*\""""
)
"""A text, a path or a quoted name; texts and names are matched so that no path begins within them."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path by its steps.

    `keys`: by step the keys that may stand there, the longest first, each with the step that comes after it.
    `looked_up`: by step the text in brackets; None for a step after a dot.
    """

    keys: tuple[tuple[tuple[str, int], ...], ...]
    looked_up: tuple[str | None, ...]


@cache
def path_of(name: str) -> Path | None:
    """The path that `name` is; None when it is a plain name, or no path at all."""
    steps = list(_STEP.finditer(name))
    if len(steps) < 2 or "".join(step[0] for step in steps) != name:
        return None
    keys = []
    for first, step in enumerate(steps):
        longer = [] if step[2] else [name[step.start(1) : last.end()] for last in steps[first + 1 :]]
        after = range(first + 1, first + 2 + len(longer))
        keys.append(tuple(zip([step[1] or step[2], *longer], after, strict=True))[::-1])
    return Path(tuple(keys), tuple(step[2] for step in steps))


def with_quoted_paths(sql: str) -> str:
    """`sql` with each path in it as one quoted name, which is how SQL knows a column of that name."""
    return _IN_SQL.sub(lambda hit: _one_name(hit["path"]) if hit["path"] else hit[0], sql)


def _one_name(path: str) -> str:
    return '"' + path.replace('"', "") + '"'
