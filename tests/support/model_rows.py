"""A project folder with made-up login rows, parameters to match, and stages run in it."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from features.contract.external_data import ExternalData
from models.rows import ROW_COLUMNS
from pipeline.config.params import load_params
from pipeline.config.sections import Params
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import LogFacts, write_facts
from pipeline.log.feature_set import features_of_model
from pipeline.runner.stage import run_stage
from pipeline.stages import evaluate, landmarks, listed, train
from pipeline.storage.datasets import ACTIVITY, ANONYMOUS, EVENTS, LOGINS, RATES, VISITS
from pipeline.storage.feature_file import FEATURES_FILE, write_features
from pipeline.storage.files import write_json
from pipeline.storage.frames import write_buckets, write_parquet
from tests.support.paths import CONTRACTS, LIST_TEXTS_FILE, PARAMS_FILE, PLAYS_FILE
from tests.support.rows import day, made_up
from tests.support.tiny import nothing_outside

LAST_DAY = 119
FEATURES = {
    "stay": "login_share_30d",
    "revenue_often": "gap_last_days",
    "noise": "tenure_days",
    "constant": "logins_life",
}
"""Which features of the catalogue the made-up ones stand for."""
READY = {
    "verdict": "warn",
    "checks": [
        {"check": "classes", "verdict": "pass", "figures": {}, "says": "Enough.", "advice": ""},
        {
            "check": "one_visit",
            "verdict": "warn",
            "figures": {},
            "says": "Half came once.",
            "advice": "Mind it.",
        },
    ],
}


def params(root: Path, **changes: dict[str, Any]) -> Params:
    """params.yaml, made quick, for a log that lies elsewhere; `changes` by section."""
    quick: dict[str, dict[str, Any]] = {
        "log": {"path": str(root / "elsewhere" / "log.csv")},
        "plays": {"path": str(PLAYS_FILE)},
        "import_lists": {"path": str(LIST_TEXTS_FILE)},
        "label": {"horizon_days": 14},
        "train": {
            "threads": 1,
            "max_rounds": 60,
            "patience_rounds": 20,
            "learning_rate": 0.1,
        },
        "split": {"min_rows": 30},
        "evaluate": {"bootstrap": 40},
    }
    sections = load_params(PARAMS_FILE).model_dump()
    for section in {**quick, **changes}:
        sections[section] |= quick.get(section, {}) | changes.get(section, {})
    return Params.model_validate(sections)


def lay_out(root: Path, rows: pl.DataFrame | None = None, buckets: int = 2) -> pl.DataFrame:
    """Write login rows in buckets of whole users and their features, user-days with a country, facts, `ingest.json`,
    `readiness.json`, an empty log of events and table of rates below `root`; and the landmark rows made from them.
    """
    made = made_up(users=900, days=LAST_DAY + 1) if rows is None else rows
    login_rows = made.rename(FEATURES, strict=False)
    write_buckets(in_buckets(login_rows, buckets), root / LOGINS.path)
    facts = LogFacts(day(0), day(LAST_DAY), LAST_DAY + 1, frozenset(), {}, login_rows.height, (), {}, {})
    write_facts(facts, root / "data/events/log.json")
    bounds = {"log_start": facts.log_start.isoformat(), "log_end": facts.log_end.isoformat()}
    write_json(bounds | {"log_days": facts.log_days, "tells": []}, root / "reports/ingest.json")
    names = [name for name in login_rows.columns if name not in ROW_COLUMNS]
    features = features_of_model(names, load_contract(CONTRACTS / "cdnow.yaml"), ExternalData())
    write_features(features, root / "data/logins" / FEATURES_FILE)
    write_json(READY, root / "reports/readiness.json")
    country = pl.when(pl.col("user_id").str.ends_with("7")).then(pl.lit("FR")).otherwise(pl.lit("DE"))
    days = user_days_of(login_rows).with_columns(country=country)
    write_buckets(in_buckets(days, buckets), root / ACTIVITY.path)
    for none in (VISITS, ANONYMOUS):
        write_buckets([none.schema.empty()] * buckets, root / none.path)
    write_buckets([EVENTS.schema.empty()], root / EVENTS.path)
    write_parquet(RATES.schema.empty(), root / RATES.path)
    nothing_outside(root)
    make_landmarks(root)
    return login_rows


def make_landmarks(root: Path) -> None:
    """Make the landmark rows from the login rows and user-days below `root`."""
    for stage in (landmarks, listed):
        run_stage(stage.run, params(root, log={"contract": str(CONTRACTS / "cdnow.yaml")}), root)


def in_buckets(rows: pl.DataFrame, buckets: int = 2) -> list[pl.DataFrame]:
    """`rows` in buckets of whole users."""
    bucket = rows["user_id"].str.slice(-1).cast(pl.Int64) % buckets
    return [rows.filter(bucket == number) for number in range(buckets)]


def user_days_of(login_rows: pl.DataFrame) -> pl.DataFrame:
    """A user-day with one login for each of `login_rows`."""
    gap = pl.col("login_day").diff().dt.total_days().over("user_id").fill_null(0)
    return login_rows.select(
        "user_id",
        pl.col("login_day").alias("day"),
        pl.lit(1, pl.Int64).alias("logins"),
        pl.lit(1, pl.Int64).alias("events"),
        gap.alias("gap_days"),
    )


def run_both(root: Path, **changes: dict[str, Any]) -> dict[str, Any]:
    """Train and evaluate below `root`; what metrics.json says."""
    run_stage(train.run, params(root, **changes), root)
    run_stage(evaluate.run, params(root, **changes), root)
    metrics: dict[str, Any] = json.loads((root / "reports/metrics.json").read_text())
    return metrics


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its path there."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
