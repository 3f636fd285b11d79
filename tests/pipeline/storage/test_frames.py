"""Frames by bucket, and JSON that refuses what it cannot say."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.storage.files import read_json, write_json
from pipeline.storage.frames import bucket_file, buckets_in, read_buckets, write_parquet
from pipeline.storage.manifest import write_manifest


def test_what_is_written_by_bucket_is_read_back_in_bucket_order(tmp_path: Path) -> None:
    for bucket in (10, 2):
        write_parquet(pl.DataFrame({"user_id": [f"u{bucket}"], "x": [bucket]}), bucket_file(tmp_path, bucket))
    write_manifest(tmp_path)
    assert buckets_in(tmp_path) == [2, 10]
    assert read_buckets(tmp_path).to_dicts() == [{"user_id": "u2", "x": 2}, {"user_id": "u10", "x": 10}]
    assert read_buckets(tmp_path, columns=["x"]).columns == ["x"]


def test_the_same_frame_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": range(1000)})
    for name in ("a", "b"):
        write_parquet(frame, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_folder_without_buckets_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no bucket"):
        buckets_in(tmp_path)


def test_json_comes_back_as_it_was_and_nan_is_refused(tmp_path: Path) -> None:
    write_json({"a": [1, None, "ü"]}, tmp_path / "x.json")
    assert read_json(tmp_path / "x.json") == {"a": [1, None, "ü"]}
    with pytest.raises(ValueError, match="Out of range float"):
        write_json({"a": float("nan")}, tmp_path / "y.json")
