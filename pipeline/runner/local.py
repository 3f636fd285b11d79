"""The local engine: two buckets of users at a time, so that one reads or writes while the other computes.

A task is a function of one bucket's number. Memory is bounded by the two largest buckets, and another engine may run
the same tasks elsewhere.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pipeline.runner.progress import with_progress

AT_ONCE = 2
"""Buckets in memory at the same time."""
Result = TypeVar("Result")


def over_buckets(
    task: Callable[[int], Result], buckets: Sequence[int], saying: str | None = None
) -> list[Result]:
    """The results of `task` for each bucket, in order. `saying`: the name of the progress shown; None: none.

    When several buckets fail, the error of the first is raised. No further bucket is started after an error.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        under_way = [pool.submit(task, bucket) for bucket in buckets]
        shown = under_way if saying is None else with_progress(under_way, saying)
        return [bucket.result() for bucket in shown]
    finally:
        pool.shutdown(cancel_futures=True)
