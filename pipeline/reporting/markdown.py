"""Texts of logs and contracts in Markdown.

Promise: such a text stays text: it opens no table cell, link, emphasis, code or HTML.
"""

import re
from typing import Any

_MARKS = re.compile(r"[\\`*\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<=\w):(?=//)|@|(?<=\bwww)\.")
"""What a backslash takes its meaning from: marks, and those by which a bare address becomes a link."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Ready(str):
    """A text that is Markdown already."""

    __slots__ = ()


def escaped(value: Any) -> Any:
    """`value`, if it is a text, as Markdown that shows it, in one line."""
    if not isinstance(value, str) or isinstance(value, Ready):
        return value
    marked = _MARKS.sub(lambda found: f"\\{found[0]}", " ".join(value.split()))
    return Ready(re.sub("[&<>]", lambda found: _ENTITIES[found[0]], marked))


def code(value: str) -> Ready:
    """`value` as a span of code, in one line and in no table, with more backticks than any row of them in the text."""
    text = " ".join(str(value).split())
    fence = "`" * (1 + max((len(row) for row in re.findall("`+", text)), default=0))
    blank = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return Ready(f"{fence}{blank}{text}{blank}{fence}")
