"""The engine gives what the tasks give, in the order of the buckets, and stops when one fails."""

import time
from threading import Barrier

import pytest

from pipeline.errors import InputError
from pipeline.runner.local import over_buckets


def test_results_come_in_the_order_of_the_buckets(capsys: pytest.CaptureFixture[str]) -> None:
    assert over_buckets(lambda bucket: bucket * 10, [3, 1, 2], "counting") == [30, 10, 20]
    assert capsys.readouterr().err == "counting: 3 parts\n"


def test_two_buckets_are_under_way_at_a_time() -> None:
    both = Barrier(2)
    turns = over_buckets(lambda _: both.wait(timeout=5), range(4), "meeting")
    assert sorted(turns) == [0, 0, 1, 1]


def test_a_task_that_fails_stops_the_run_with_its_own_error() -> None:
    begun: list[int] = []

    def failing(bucket: int) -> int:
        begun.append(bucket)
        if bucket == 1:
            raise InputError("bucket 1 cannot be read")
        time.sleep(0.02)
        return bucket

    with pytest.raises(InputError, match="bucket 1 cannot be read"):
        over_buckets(failing, range(100), "failing")
    assert set(begun) < set(range(10))
