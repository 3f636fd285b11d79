"""A rate of the bench is per feature."""

from benchmarks.measurements.side_by_side import Side
from benchmarks.support.processes import Cost


def test_a_rate_counts_the_features_that_the_side_makes_itself() -> None:
    side = Side([Cost(9, 4, 1), Cost(10, 5, 1), Cost(30, 6, 1)], features=50)
    assert side.rate(1000, "seconds") == 1000 * 50 / 10
    assert side.rate(1000, "cpu_seconds") == 1000 * 50 / 5
