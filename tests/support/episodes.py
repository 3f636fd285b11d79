"""Made-up episodes with a planted effect of contact."""

from datetime import date, timedelta

import numpy as np
import polars as pl

PLAYS = {"one_step": 1.0, "new_area": 0.5, "say_hello": 0.0}
"""Each play, and its effect as a share of `saves`."""


def episodes(
    seed: int, users: int = 3_000, *, saves: float = 0.3, share: float = 0.3, weeks: int = 10
) -> pl.DataFrame:
    """Episodes of distinct users, in the order of time, with both outcomes: `y1` if contacted, `y0` if not.

    A contact keeps a user who would churn with probability `saves`, times the share of the user's play in `PLAYS`.
    """
    rng = np.random.default_rng(seed)
    probability = rng.beta(2.0, 2.5, users)
    play = rng.choice(list(PLAYS), users)
    kept = rng.random(users) < saves * np.array([PLAYS[one] for one in play])
    y0 = rng.random(users) < probability
    y1 = y0 & ~kept
    contacted = rng.random(users) >= share
    value = rng.gamma(1.0, 20.0, users)
    churned = np.where(contacted, y1, y0)
    week = np.sort(rng.integers(0, weeks, users))
    return pl.DataFrame(
        {
            "user_id": [f"u{seed}_{number}" for number in range(users)],
            "as_of": [date(2024, 1, 7) + timedelta(weeks=int(one)) for one in week],
            "arm": np.where(contacted, "contact", "holdout"),
            "holdout_share": share,
            "churn_probability": probability,
            "expected_revenue": value,
            "population": np.where(rng.random(users) < 0.2, "newcomer", "veteran"),
            "risk_band": np.where(probability > 0.5, "high", "medium"),
            "play": play,
            "style": rng.choice(["collectors", "visitors"], users),
            "cause": rng.choice(["COMES_LESS", "SPENDS_LESS"], users),
            "churned": churned,
            "y0": y0,
            "y1": y1,
            "revenue": np.where(churned, 0.0, value),
        }
    )


def true_effect(rows: pl.DataFrame) -> float:
    """The mean effect over all episodes: the share of churn without contact less that with contact."""
    return float((rows["y0"].cast(pl.Float64) - rows["y1"].cast(pl.Float64)).to_numpy().mean())
