"""A project folder in which all stages up to `report` have run, on made-up logins; and stages run in it."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl

from pipeline import define, profile, report, score
from pipeline.params import Params
from pipeline.stage import run_stage
from pipeline.storage import write_parquet
from tests.models.rows import made_up
from tests.pipeline import model_rows

CONTRACT = Path(__file__).parents[2] / "data" / "contracts" / "cdnow.yaml"
NAMES = {"stay": "login_share_30d", "revenue_often": "gap_last_days", "noise": "tenure_days", "constant": "logins_life"}
STORE = "mlflow.db"


def params(root: Path, **changes: dict[str, Any]) -> Params:
    """Quick parameters for the contract of a log of purchases, an MLflow store below `root`."""
    told = {"log": {"path": "shop.csv", "contract": str(CONTRACT)}, "tracking": {"uri": f"sqlite:///{root / STORE}"}}
    sections = {name: told.get(name, {}) | changes.get(name, {}) for name in {*told, *changes}}
    return model_rows.params(root, **sections)


def run_in(root: Path, run: Callable[..., None], **changes: dict[str, Any]) -> None:
    """Run one stage below `root`."""
    run_stage(run, params(root, **changes), root)


def finished(root: Path, *, amounts: bool = True) -> Path:
    """`root`, holding what the stages up to `report` write; `amounts`: the log tells what users pay."""
    shutil.copytree(_template(amounts=amounts), root, dirs_exist_ok=True)
    return root


@cache
def _template(*, amounts: bool) -> Path:
    root = Path(mkdtemp(prefix="lastlogin-test-"))
    rows = model_rows.lay_out(root, made_up(users=400, days=model_rows.LAST_DAY + 1).rename(NAMES))
    days = rows.select("user_id", pl.col("login_day").alias("day"), pl.lit(1).alias("logins"))
    if amounts:
        days = days.with_columns(pl.lit(1250).alias("revenue"))
    write_parquet(days, root / "data/activity/bucket=0000/part.parquet")
    model_rows.run_both(root, log={"contract": str(CONTRACT)})
    for stage in (define, profile, score, report):
        run_in(root, stage.run)
    return root


