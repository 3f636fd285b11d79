"""The local engine: the buckets of users one after another, with all cores on each.

A task is a pure function of one bucket's number, so memory is bounded by the largest bucket and any
other engine may run the same tasks elsewhere.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rich.progress import track

Result = TypeVar("Result")
Item = TypeVar("Item")


def over_buckets(task: Callable[[int], Result], buckets: Sequence[int], saying: str) -> list[Result]:
    """What `task` gives for each bucket, in order, with progress said."""
    return [task(bucket) for bucket in with_progress(buckets, saying)]


def with_progress(items: Sequence[Item], saying: str) -> Iterable[Item]:
    """`items`, with a moving bar on a terminal and one plain line elsewhere."""
    if sys.stderr.isatty():
        return track(items, description=saying, transient=True)
    sys.stderr.write(f"{saying}: {len(items)} parts\n")
    return items
