"""Login rows made up for tests: users whose gaps and departure follow geometric laws."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from models.labels.churn import Churn, Drop, Kind, Newcomers, Personal
from models.labels.label import with_label

BEGIN = date(2024, 1, 1)
FEATURES = ("stay", "revenue_often", "noise", "constant")
"""The features of `made_up` rows: two tell something, two nothing."""


def day(number: int) -> date:
    """The day `number` days after the first."""
    return BEGIN + timedelta(days=number)


def churn_of(horizon_days: int, lead_days: int = 0, kind: Kind = "inactivity", **parts: Any) -> Churn:
    """A definition of churn; `parts`: `newcomers`, `drop` or `personal`, where it matters."""
    given = {
        "newcomers": Newcomers(None, None, 7),
        "drop": Drop(0.5, 90),
        "personal": Personal(2.0, 0.9, 7, 90),
    } | parts
    return Churn(kind, horizon_days, lead_days, **given)


def drawn(**days_of: list[int]) -> pl.DataFrame:
    """Login rows without features: the days on which each user logs in."""
    users = [user for user, days in days_of.items() for _ in days]
    days = [day(n) for numbers in days_of.values() for n in numbers]
    frame = pl.DataFrame(
        {"user_id": users, "login_day": days}, schema={"user_id": pl.String, "login_day": pl.Date}
    )
    return frame.with_columns(login_number=pl.int_range(1, pl.len() + 1).over("user_id").cast(pl.Int32))


def made_up(*, users: int = 800, days: int = 120, horizon_days: int = 14, seed: int = 7) -> pl.DataFrame:
    """Labelled login rows of `days` days with four features: two tell, two do not."""
    random = np.random.default_rng(seed)
    names, dates, features = [], [], []
    for user in range(users):
        stay, often = random.beta(2, 0.5), random.beta(4, 6)
        today = int(random.integers(0, days))
        while today < days:
            names.append(f"u{user:05d}")
            dates.append(day(today))
            features.append((stay + random.normal(0, 0.05), often, random.normal(), 1.0))
            if random.random() > stay:
                break
            today += int(random.geometric(often))
    table = np.array(features, dtype=np.float32)
    table[random.random(table.shape) < 0.1] = np.nan
    frame = pl.DataFrame({"user_id": names, "login_day": dates}).with_columns(
        *(pl.Series(name, table[:, i]) for i, name in enumerate(FEATURES)),
        login_number=pl.int_range(1, pl.len() + 1).over("user_id").cast(pl.Int32),
    )
    return with_label(frame, day(days - 1), churn_of(horizon_days))
