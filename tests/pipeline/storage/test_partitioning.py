"""A user belongs to one bucket, on any machine and whoever else is there."""

import polars as pl

from pipeline.storage.partitioning import bucket_of


def test_a_user_has_the_same_bucket_whoever_else_is_there() -> None:
    users = pl.Series([f"u{number}" for number in range(50)])
    found = bucket_of(users, 7)
    assert set(found) == set(range(7))
    assert bucket_of(users.reverse().head(20), 7).to_list() == found.reverse().head(20).to_list()
    assert bucket_of(pl.Series(["u1", "u1", "ü"]), 1000).to_list() == [422, 422, 789]


def test_of_nobody_the_buckets_are_numbers_as_well() -> None:
    assert bucket_of(pl.Series([], dtype=pl.String), 7).dtype == pl.Int32
