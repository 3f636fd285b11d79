"""A tiny shop's log, its contract and its parameters, for running stages end to end in a temporary folder."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from features.contract.external_data import ExternalData
from pipeline.log.external_data import as_json
from pipeline.storage.files import write_json
from tests.support.paths import LIST_TEXTS_FILE, PLAYS_FILE, ROOT

START = datetime(2024, 1, 1, tzinfo=UTC)
CONTRACT: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "customer", "at": "time", "kind": "what", "amount": "sum", "country": "land"},
    "currency": {"fixed": "EUR", "reporting": "EUR"},
    "groups": {"trade": ["purchase", "refund"], "look": ["visit"]},
    "presence": {"kinds": ["purchase", "visit"]},
}


SHOP: dict[str, Any] = {
    "plays__path": str(PLAYS_FILE), "import_lists__path": str(LIST_TEXTS_FILE),
    "log__path": "shop.csv", "log__contract": "shop.yaml", "engine__buckets": 3, "label__horizon_days": 14,
    "drift__psi_warn": 50.0, "drift__psi_stop": 100.0,  # so few users move by chance
    "readiness__stop_rows": 10, "split__min_rows": 20, "train__max_rounds": 60, "evaluate__bootstrap": 20,
}  # fmt: skip


def visits(users: int = 150, days: int = 160, seed: int = 5) -> pl.DataFrame:
    """Raw lines of a shop: users with their own rhythm, who leave for good at their own rate."""
    rng = np.random.default_rng(seed)
    lines = []
    for user in range(users):
        rhythm, leaving = rng.uniform(0.5, 8), rng.uniform(0.01, 0.25)
        day = rng.uniform(0, days * 0.8)
        while day < days:
            at = START + timedelta(days=float(day))
            lines.append((f"c{user}", at.strftime("%Y-%m-%d %H:%M:%S"), "visit", "", "DE"))
            if rng.random() < 0.5:
                paid = f"{rng.uniform(1, 50):.2f}"
                lines.append((f"c{user}", at.strftime("%Y-%m-%d %H:%M:%S"), "purchase", paid, "DE"))
            if rng.random() < 0.1:
                back = f"{-rng.uniform(1, 50):.2f}"
                lines.append((f"c{user}", at.strftime("%Y-%m-%d %H:%M:%S"), "refund", back, "DE"))
            if rng.random() < leaving:
                break
            day += rng.exponential(rhythm)
    return pl.DataFrame(lines, schema=["customer", "time", "what", "sum", "land"], orient="row")


def parameters(folder: Path, **changes: Any) -> None:
    """Write the project's own params.yaml into `folder` with `changes`: section__key=value, or a whole section."""
    raw = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    for key, value in changes.items():
        section, _, name = key.partition("__")
        if name:
            raw[section][name] = value
        else:
            raw[section] = value
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(raw), "utf-8")


def project(
    folder: Path, lines: pl.DataFrame, contract: dict[str, Any] | None = None, **changes: Any
) -> Path:
    """A folder with params.yaml, contract and log as a user would have them; `changes`: section__key=value."""
    parameters(folder, **{**SHOP, **changes})
    (folder / "shop.yaml").write_text(yaml.safe_dump(contract or CONTRACT), "utf-8")
    (folder / "data/external/rates").mkdir(parents=True, exist_ok=True)
    lines.write_csv(folder / "shop.csv")
    nothing_outside(folder)
    return folder


def nothing_outside(folder: Path) -> None:
    """Lay out below `folder` what the stage `external` writes when nothing is named."""
    (folder / "data/external_checked").mkdir(parents=True, exist_ok=True)
    write_json(as_json(ExternalData(), "shop.yaml"), folder / "reports/external.json")
