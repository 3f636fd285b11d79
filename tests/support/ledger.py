"""A made-up ledger on the log of a tiny shop."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.crm.ledger.entry import SCHEMA
from pipeline.crm.ledger.files import entry_of, write_entry
from tests.support.tiny import START

WINDOW = 14


def login_days(lines: pl.DataFrame) -> pl.DataFrame:
    """`user_id, day` of the days with a visit or a purchase, each once."""
    came = lines.filter(pl.col("what").is_in(["visit", "purchase"]))
    days = came.select(user_id="customer", day=pl.col("time").str.head(10).str.to_date())
    return days.unique().sort("user_id", "day")


def entries(lines: pl.DataFrame, lists: int = 6, share: float = 0.4, seed: int = 3) -> pl.DataFrame:
    """Rows of weekly lists: all who came in the last 14 days, half of those in no episode chosen at random."""
    rng = np.random.default_rng(seed)
    days, ends, rows = login_days(lines), dict[str, date](), []
    for week in range(lists):
        as_of = START.date() + timedelta(days=60 + 7 * week)
        known = days.filter((pl.col("day") <= as_of) & (pl.col("day") > as_of - timedelta(days=WINDOW)))
        for user, last in known.group_by("user_id").agg(pl.col("day").max()).sort("user_id").rows():
            running = ends.get(user, date.min) >= as_of
            begins = not running and rng.random() < 0.5
            if begins:
                ends[user] = as_of + timedelta(days=WINDOW)
            arm = ("holdout" if rng.random() < share else "contact") if begins else None
            rows.append(
                {
                    "user_id": user, "as_of": as_of, "last_login_day": last, "login_number": 5,
                    "silent_days": (as_of - last).days, "population": "veteran",
                    "churn_probability": float(rng.uniform(0.1, 0.9)), "risk_band": "high",
                    "expected_revenue": 10.0, "expected_profit": 1.0, "currency": "EUR",
                    "action": arm or ("excluded" if running else "watch"), "arm": arm,
                    "episode": ends[user] - timedelta(days=WINDOW) if begins or running else None,
                    "cause": "COMES_LESS", "style": "visitors",
                    "play": "answer_now" if arm else None, "duty": False, "window_days": WINDOW, "lead_days": 0,
                    "holdout_share": share, "model_version": "1",
                }
            )  # fmt: skip
    complete = [{name: row.get(name) for name in SCHEMA} for row in rows]
    return pl.DataFrame(complete, schema=SCHEMA)


def write_ledger(rows: pl.DataFrame, lists: Path) -> None:
    """Write the entries of `rows` below `lists`."""
    for (day,), part in rows.partition_by("as_of", as_dict=True).items():
        write_entry(part, entry_of(lists, day).parent)
