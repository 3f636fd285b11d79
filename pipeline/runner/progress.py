"""Progress for people: a bar on a terminal, a plain line elsewhere."""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.progress import track

Item = TypeVar("Item")


def with_progress(items: Sequence[Item], saying: str) -> Iterable[Item]:
    """`items`, with a moving bar on a terminal and one plain line elsewhere."""
    if sys.stderr.isatty():
        return track(items, description=saying, transient=True)
    sys.stderr.write(f"{saying}: {len(items)} parts\n")
    return items
