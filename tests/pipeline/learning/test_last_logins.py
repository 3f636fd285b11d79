"""Users at their last logins come in batches that hold everybody once, in order, and no more than allowed."""

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning import last_logins
from pipeline.learning.last_logins import batches_of, store_last_logins
from pipeline.storage.frames import write_buckets
from tests.support.rows import day


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=12))
def test_batches_hold_every_bucket_once_and_no_more_users_than_allowed(users: list[int]) -> None:
    batches = batches_of(range(len(users)), users)
    assert [bucket for batch in batches for bucket in batch.buckets] == list(range(len(users)))
    assert all(one.rows.stop == following.rows.start for one, following in pairwise(batches))
    assert (batches[0].rows.start, batches[-1].rows.stop) == (0, sum(users))
    for batch in batches:
        count = sum(users[bucket] for bucket in batch.buckets)
        assert count == batch.rows.stop - batch.rows.start
        assert count <= last_logins.BATCH_USERS or len(batch.buckets) == 1


def test_a_users_last_row_and_what_is_usual_before_it(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "user_id": ["a", "a", "a", "b"],
            "login_day": [day(1), day(2), day(5), day(3)],
            "login_number": [1, 2, 3, 1],
            "gap": [float("nan"), 1.0, 3.0, float("nan")],
        }
    )
    visitor = rows.filter(pl.col("user_id") == "b").with_columns(user_id=pl.lit("visitor"))
    others = rows.with_columns(user_id="c" + pl.col("user_id"))
    write_buckets([pl.concat([rows, visitor]), others], tmp_path)
    write_buckets([visitor.select("user_id"), visitor.select("user_id").clear()], tmp_path / "anonymous")
    last = store_last_logins(tmp_path, tmp_path / "anonymous", ["gap"], tmp_path / "kept")
    assert (last.peers.names, last.peers.group.tolist()) == (("1", "2-5"), [1, 0, 1, 0])
    assert [(batch.buckets, batch.rows) for batch in last.batches] == [((0, 1), slice(0, 4))]
    batches = last.read(last.batches[0])
    assert batches["user_id"].to_list() == ["a", "b", "ca", "cb"]
    assert batches["login_day"].to_list() == [day(5), day(3)] * 2
    assert batches["usual:gap"].to_list() == [1.0, None] * 2
    assert last.read(last.batches[0], ["gap"]).equals(batches.select("user_id", "gap"))
    assert last.having(["gap", "gone"]) == ["gap"]


def test_a_bucket_larger_than_a_batch_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_logins, "BATCH_USERS", 1)
    assert [batch.buckets for batch in batches_of([0, 1, 2], [2, 3, 1])] == [(0,), (1,), (2,)]
