"""The holdout: users whom nobody contacts, so that the effect of contacting the others can be measured."""

import hashlib
from datetime import date
from typing import Literal

import numpy as np
import polars as pl

from models.arrays import Floats

Period = Literal["month", "quarter", "year", "never"]


def period_of(day: date, period: Period) -> str:
    """The name of the period that `day` lies in; "" for `never`: then a user is held out on every day or on none.

    >>> period_of(date(2024, 5, 3), "quarter"), period_of(date(2024, 5, 3), "month")
    ('2024-Q2', '2024-05')
    """
    if period == "never":
        return ""
    if period == "year":
        return f"{day.year}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if period == "quarter" else f"{day.year}-{day.month:02d}"


def arms(
    user_ids: pl.Series, holdout_share: float, key: str, period: str = "", strata: pl.Series | None = None
) -> pl.Series:
    """`arm` of each user: "holdout" for `holdout_share` of them, else "contact".

    By the SHA-256 of key, period and user: within a period a user is drawn alike on every day and with every model.
    With a larger share the holdout only grows. With `strata` (per user) the share holds within each stratum: its number
    of holdouts is rounded up or down at random, so that it is right on average also for few users.
    """
    drawn = _uniform([f"{key}:{period}:{user}" for user in user_ids])
    if strata is None:
        held = drawn < holdout_share
    else:
        held = np.zeros(len(drawn), dtype=np.bool_)
        for stratum in strata.unique().sort():
            rows = np.flatnonzero((strata == stratum).to_numpy())
            first, *_ = sorted(user_ids.gather(rows).to_list())
            up = float(_uniform([f"{key}:{period}:{stratum}:{first}"])[0])
            number = int(holdout_share * len(rows) + up)
            held[rows[np.argsort(drawn[rows], kind="stable")[:number]]] = True
    return pl.Series("arm", np.where(held, "holdout", "contact").tolist(), dtype=pl.String)


def _uniform(texts: list[str]) -> Floats:
    """(texts,) a number from 0 to 1 of each, uniform over texts."""
    digests = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts]
    return np.array(digests, dtype=np.float64) / 2.0**64
