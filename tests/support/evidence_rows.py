"""First to fourth logins with predicted probabilities that tell something of some rows and nothing of others."""

import numpy as np
import polars as pl

from tests.support.rows import day


def logins(*, knows_from: int, rows: int = 8_000, counted: bool = True, seed: int = 2) -> pl.DataFrame:
    """First to fourth logins whose probability tells something from `knows_from` events on, else nothing."""
    random = np.random.default_rng(seed)
    events = random.integers(1, 60, rows).astype(np.float32)
    true = np.where(random.random(rows) < 0.5, 0.15, 0.6)
    frame = pl.DataFrame(
        {
            "user_id": [f"u{i}" for i in range(rows)],
            "login_day": [day(0)] * rows,
            "login_number": random.integers(1, 5, rows),
            "churned": random.random(rows) < true,
            "probability": np.where(events >= knows_from, true, 0.375),
            "events_life": events,
        }
    )
    return frame if counted else frame.drop("events_life")


def blurred(rows: pl.DataFrame, weak: float, noise: float = 0.6) -> pl.DataFrame:
    """`rows` with probabilities that tell `weak` of the truth, and noise on top, in log-odds."""
    random = np.random.default_rng(5)
    mean = np.full(rows.height, np.log(0.375 / 0.625))
    truth = np.log(rows["probability"] / (1 - rows["probability"])).to_numpy()
    log_odds = mean + weak * (truth - mean) + noise * random.normal(size=rows.height)
    return rows.with_columns(probability=1 / (1 + np.exp(-log_odds)))
