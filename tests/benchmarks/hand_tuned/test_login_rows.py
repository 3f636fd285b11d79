"""The speed of light is light: written by hand, it gives values that the pipeline gives."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.hand_tuned import login_rows as hand_tuned
from pipeline.storage.frames import read_buckets
from pipeline.storage.manifest import write_manifest
from tests.support.bench_demo import far_apart, features_of

FEWEST = 162
"""How many features the script makes; the catalogue grows beyond."""


@pytest.fixture(scope="module")
def theirs(demo: Path) -> pl.DataFrame:
    hand_tuned.main(
        demo / "data/events",
        demo / "data/external/rates.parquet",
        demo / "reports/ingest.json",
        demo / "data/hand_tuned",
    )
    write_manifest(demo / "data/hand_tuned")
    return read_buckets(demo / "data/hand_tuned")


def test_every_login_row_has_the_same_key(demo: Path, theirs: pl.DataFrame) -> None:
    keys = ["user_id", "login_day", "login_number"]
    assert theirs.select(keys).equals(read_buckets(demo / "data/logins").select(keys))


def test_every_feature_that_the_script_makes_has_the_same_values(demo: Path, theirs: pl.DataFrame) -> None:
    names = features_of(theirs)
    assert len(names) >= FEWEST
    assert theirs.select(names).null_count().row(0) == (0,) * len(names)
    assert far_apart(read_buckets(demo / "data/logins"), theirs) == {}


def test_the_compared_log_has_values_of_every_feature_but_for_refunds_which_are_rare(
    demo: Path, theirs: pl.DataFrame
) -> None:
    ours = read_buckets(demo / "data/logins")
    empty = {name for name in features_of(theirs) if ours[name].is_nan().all()}
    assert empty <= {"days_since_kind_refund"}
