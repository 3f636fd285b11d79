"""Thinning is deterministic."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.thinning import rows_of_some_users, step_to_at_least, step_to_at_most


@given(st.integers(0, 10_000), st.integers(1, 500))
def test_every_nth_row_keeps_to_its_bound(rows: int, bound: int) -> None:
    assert len(range(0, rows, step_to_at_most(rows, bound))) <= bound
    assert len(range(0, rows, step_to_at_least(rows, bound))) >= min(rows, bound)


def test_few_rows_are_all_kept() -> None:
    assert step_to_at_most(500, 500) == step_to_at_least(999, 500) == 1
    assert step_to_at_most(501, 500) == step_to_at_least(1_000, 500) == 2


def test_users_are_kept_whole_and_the_seed_decides_which() -> None:
    rows = pl.DataFrame({"user_id": [f"u{i // 10}" for i in range(10_000)], "login": range(10_000)})
    some = rows_of_some_users(rows, 2_000, 1)
    assert some.height == pytest.approx(2_000, rel=0.2)
    assert some.group_by("user_id").len()["len"].unique().to_list() == [10]
    assert some.equals(rows_of_some_users(rows, 2_000, 1))
    assert not some.equals(rows_of_some_users(rows, 2_000, 2))
    assert rows_of_some_users(rows, 10_000, 1).equals(rows)
