"""A tiny demo log with its login rows, and how the rows of others are held to them."""

import importlib
from pathlib import Path

import polars as pl

from benchmarks.support.projects import lay_out
from pipeline.config.params import load_params
from pipeline.runner.stage import run_stage

KEYS = ["user_id", "login_day"]
_STAGES = ("simulate", "rates", "external", "ingest", "activity", "logins")


def made_in(folder: Path) -> None:
    """Run the stages up to `logins` on a tiny log in `folder`, which is the present one."""
    lay_out(folder, {"simulate": {"users": 200, "days": 100}, "engine": {"buckets": 3}})
    params = load_params(folder / "params.yaml")
    for stage in _STAGES:
        run_stage(importlib.import_module(f"pipeline.stages.{stage}").run, params)


def features_of(rows: pl.DataFrame) -> list[str]:
    """The names of the features among the columns."""
    return [name for name, dtype in rows.schema.items() if dtype == pl.Float32]


def far_apart(ours: pl.DataFrame, reference: pl.DataFrame) -> dict[str, int]:
    """Feature of `reference` to how many values differ by more than f32 can help; NaN is equal to NaN.

    Both in the same order of rows.
    """
    counts = {
        name: _differing(ours[name], reference[name].fill_null(float("nan")))
        for name in features_of(reference)
    }
    return {name: count for name, count in counts.items() if count}


def _differing(ours: pl.Series, reference: pl.Series) -> int:
    near = (ours - reference).abs() <= 1e-5 * ours.abs()
    same = (ours.is_nan() & reference.is_nan()) | (near & ~ours.is_nan() & ~reference.is_nan())
    return int((~same).sum())
