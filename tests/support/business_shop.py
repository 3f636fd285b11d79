"""A club's log with subscriptions, purchases, refunds and answers, and the stage `business` run on it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.storage.datasets import CRM_TABLE
from pipeline.storage.frames import write_parquet
from tests.support.stage_runs import run_here
from tests.support.tiny import project

START = datetime(2023, 12, 20, tzinfo=UTC)
DAYS = 150
CONTRACT: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "who", "at": "time", "kind": "what", "amount": "sum", "score": "nps"},
    "currency": {"fixed": "EUR", "reporting": "EUR"},
    "groups": {"trade": ["purchase", "plan", "refund"], "look": ["visit", "answer"]},
    "meaning": {"subscription_start": ["plan"], "renewal_days": 30, "refund": ["refund"]},
    "presence": {"kinds": ["visit", "purchase", "plan", "answer"]},
}
BEFORE = ("rates", "external", "ingest", "activity")


def lines(users: int = 60, seed: int = 4, *, paying: bool = True) -> pl.DataFrame:
    """Raw lines of the club."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, str, str, str]] = []

    def add(user: int, day: float, what: str, amount: str = "", score: str = "") -> None:
        if day < DAYS:
            at = (START + timedelta(days=float(day))).strftime("%Y-%m-%d %H:%M:%S")
            rows.append((f"u{user}", at, what, amount, score))

    for user in range(users):
        day, last = rng.uniform(0, DAYS * 0.9), rng.uniform(20, DAYS * 1.4)
        rhythm, price = rng.uniform(1, 9), rng.integers(500, 2000)
        due = day
        while day < min(last, DAYS):
            add(user, day, "visit")
            if paying and rng.random() < 0.2:
                add(user, day + 0.001, "purchase", f"{rng.uniform(1, 50):.2f}")
            if paying and rng.random() < 0.05:
                add(user, day + 0.002, "refund", f"-{rng.uniform(1, 9):.2f}")
            if paying and user % 3 == 0 and day >= due:
                add(user, day + 0.003, "plan", f"{price / 100:.2f}")
                price, due = price + rng.integers(-100, 200), due + 30
            if rng.random() < 0.1:
                add(user, day + 0.004, "answer", score=str(rng.integers(0, 11)))
            day += rng.exponential(rhythm) + (25 if rng.random() < 0.05 else 0)
    return pl.DataFrame(rows, schema=["who", "time", "what", "sum", "nps"], orient="row")


def club(
    folder: Path, log: pl.DataFrame | None = None, contract: dict[str, Any] | None = None, **changes: Any
) -> Path:
    """A project with the club's log, and a list of its users."""
    made = project(folder, lines() if log is None else log, contract or CONTRACT, **changes)
    listed = pl.DataFrame(
        {"user_id": ["u1", "u2"], "churn_probability": [0.5, 0.25], "value_at_risk": [10.0, 2.0]}
    )
    empty = CRM_TABLE.schema.empty()
    write_parquet(pl.concat([empty, listed], how="diagonal"), folder / CRM_TABLE.path)
    return made


def run_business(folder: Path, monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """The figures of the stage `business`, after those before it."""
    run_here(folder, monkeypatch, *BEFORE, "business")
    return pl.read_parquet(folder / "reports/business.parquet")
