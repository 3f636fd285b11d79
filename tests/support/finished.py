"""A project folder in which all stages up to `report` have run on made-up logins; and a store it is tracked in."""

import atexit
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl

from pipeline.config.sections import Params
from pipeline.runner.stage import run_stage
from pipeline.stages import business, define, drift, health, model_card, profile, report, score, track
from pipeline.storage.datasets import ACTIVITY as ACTIVITY_DAYS
from pipeline.storage.datasets import EVENTS
from pipeline.storage.files import write_json
from pipeline.storage.frames import write_buckets
from tests.support import model_rows
from tests.support.paths import CONTRACTS
from tests.support.rows import made_up

CONTRACT = CONTRACTS / "cdnow.yaml"
ACTIVITY = {
    "dropped_by_presence": 25,
    "presence": {"kinds": ["purchase", "visit"], "least_minutes": 5.0, "least_events": 1},
}
# What MLflow 3.17 and its libraries warn of with pandas 3 and SQLAlchemy 2.1: nothing of ours.
MLFLOW_WARNINGS = (
    "ignore::DeprecationWarning:mlflow.*",
    "ignore::DeprecationWarning:sqlalchemy.*",
    "ignore:.*Any type hint is inferred as AnyType:UserWarning",
)


def params(root: Path, **changes: dict[str, Any]) -> Params:
    """Quick parameters for a log of purchases; `changes` by section."""
    sections = {"log": {"path": "shop.csv", "contract": str(CONTRACT)}}
    return model_rows.params(
        root, **{name: sections.get(name, {}) | changes.get(name, {}) for name in {*sections, *changes}}
    )


def run_in(root: Path, run: Callable[..., None], **changes: dict[str, Any]) -> None:
    """Run one stage below `root`."""
    run_stage(run, params(root, **changes), root)


def finished(root: Path, *, amounts: bool = True) -> Path:
    """`root`, holding what the stages up to `report` write; `amounts`: the log tells what users pay."""
    shutil.copytree(_template(amounts=amounts), root, dirs_exist_ok=True)
    return root


@cache
def tracked_store() -> Path:
    """A folder of its own with a finished project that has been tracked there once, in its `mlflow.db`."""
    root = finished(_folder())
    with mlflow_store_at(root):
        run_in(root, track.run)
    return root


@contextmanager
def mlflow_store_at(folder: Path) -> Iterator[None]:
    """Track into `folder`, and leave nothing of MLflow's settings behind."""
    before, path = dict(os.environ), list(sys.path)
    os.environ |= {"DVC_ROOT": str(folder), "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
        sys.path[:] = path


@cache
def _template(*, amounts: bool) -> Path:
    root = _folder()
    rows = model_rows.lay_out(root, made_up(users=600, days=model_rows.LAST_DAY + 1))
    days = model_rows.user_days_of(rows)
    if amounts:
        days = days.with_columns(
            pl.lit(1250, pl.Int64).alias("revenue"), pl.lit(0, pl.Int64).alias("refunds")
        )
    write_buckets(model_rows.in_buckets(days), root / ACTIVITY_DAYS.path)
    events = days.select("user_id", at=pl.col("day").cast(pl.Datetime("us", "UTC")), kind=pl.lit("login"))
    write_buckets(model_rows.in_buckets(events), root / EVENTS.path)
    model_rows.make_landmarks(root)
    write_json(
        ACTIVITY | {"user_days": days.height + 25, "login_days": days.height}, root / "reports/activity.json"
    )
    model_rows.run_both(root, log={"contract": str(CONTRACT)})
    for stage in (define, profile, health, score, business, report, drift, model_card):
        run_in(root, stage.run)
    return root


def _folder() -> Path:
    """A folder that goes when the tests end."""
    folder = mkdtemp(prefix="lastlogin-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
