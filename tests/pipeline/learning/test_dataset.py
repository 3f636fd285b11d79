"""Who the users of a log are."""

from pathlib import Path

import polars as pl

from pipeline.learning.dataset import known_users
from pipeline.storage.frames import write_buckets
from tests.support.model_rows import in_buckets


def test_visitors_who_are_still_anonymous_are_no_users(tmp_path: Path) -> None:
    days = pl.DataFrame({"user_id": ["u1", "u1", "u2", "v3", "v4"]})
    write_buckets(in_buckets(days), tmp_path / "activity")
    write_buckets(in_buckets(days.filter(pl.col("user_id") == "v3")), tmp_path / "anonymous")
    assert sorted(known_users(tmp_path / "activity", tmp_path / "anonymous")) == ["u1", "u2", "v4"]
