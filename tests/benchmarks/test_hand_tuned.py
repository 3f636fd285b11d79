"""The speed of light is light: written by hand, it gives the login rows that the pipeline gives."""

import importlib
from pathlib import Path

import polars as pl
import pytest

from benchmarks import hand_tuned
from benchmarks.projects import lay_out
from pipeline.params import load_params
from pipeline.stage import run_stage
from pipeline.storage import read_buckets

TINY = {"simulate": {"users": 60, "days": 40}, "engine": {"buckets": 3}}
STAGES = ("simulate", "rates", "outside", "ingest", "activity", "logins")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny demo log with the login rows of both: `data/logins` and `data/hand_tuned`."""
    folder = tmp_path_factory.mktemp("demo")
    lay_out(folder, TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        params = load_params(Path("params.yaml"))
        for stage in STAGES:
            run_stage(importlib.import_module(f"pipeline.{stage}").run, params)
        hand_tuned.main(
            Path("data/events"),
            Path("data/external/rates.parquet"),
            Path("reports/ingest.json"),
            Path("data/hand_tuned"),
        )
    return folder


def test_every_login_row_has_the_same_key_and_the_same_features(demo: Path) -> None:
    ours, theirs = (read_buckets(demo / folder) for folder in ("data/logins", "data/hand_tuned"))
    keys = ["user_id", "login_day", "login_number"]
    assert theirs.select(keys).equals(ours.select(keys))
    assert set(theirs.columns) == set(ours.columns) - {"churned", "ripe"}


def test_every_feature_has_the_same_values(demo: Path) -> None:
    ours, theirs = (read_buckets(demo / folder) for folder in ("data/logins", "data/hand_tuned"))
    names = theirs.columns[3:]
    assert theirs.select(names).null_count().row(0) == (0,) * len(names)
    far = {name: _far_apart(ours[name], theirs[name]) for name in names}
    assert {name: count for name, count in far.items() if count} == {}


def test_the_compared_log_has_values_of_every_feature_but_for_refunds_which_are_rare(demo: Path) -> None:
    ours = read_buckets(demo / "data/logins")
    assert {name for name in ours.columns[5:] if ours[name].is_nan().all()} <= {"days_since_kind_refund"}


def _far_apart(ours: pl.Series, theirs: pl.Series) -> int:
    """How many values differ by more than f32 can help: NaN is equal to NaN."""
    near = (ours - theirs).abs() <= 1e-5 * ours.abs()
    return int((~((ours.is_nan() & theirs.is_nan()) | (near & ~ours.is_nan() & ~theirs.is_nan()))).sum())
