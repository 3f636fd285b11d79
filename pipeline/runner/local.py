"""The local engine: two buckets of users at a time, so that one reads or writes while the other computes.

A task is a pure function of one bucket's number, so memory is bounded by the two largest buckets and any
other engine may run the same tasks elsewhere.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pipeline.runner.progress import with_progress

AT_ONCE = 2
"""Each more takes the memory of one more bucket."""
Result = TypeVar("Result")


def over_buckets(
    task: Callable[[int], Result], buckets: Sequence[int], saying: str | None = None
) -> list[Result]:
    """What `task` gives for each bucket, in order, with progress said; not where these buckets are a part of more.

    The first bucket's error is raised when several fail; after it no further bucket is begun.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        under_way = [pool.submit(task, bucket) for bucket in buckets]
        said = under_way if saying is None else with_progress(under_way, saying)
        return [bucket.result() for bucket in said]
    finally:
        pool.shutdown(cancel_futures=True)
