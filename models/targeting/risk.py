"""From a probability to what a list says of it: percentile, band, and who is contacted at all."""

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import rankdata

BANDS = ("low", "medium", "high")


def risk_percentile(probability: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where each of (rows,) stands, 0 to 100: the share of all that are at most as likely to go."""
    if probability.size == 0:
        return probability
    return np.asarray(100 * rankdata(probability, method="max") / probability.size, dtype=np.float64)


def risk_band(probability: str, medium_from: float, high_from: float) -> pl.Expr:
    """The band of the column `probability`: low below `medium_from`, high from `high_from`."""
    value = pl.col(probability)
    return (
        pl.when(value >= high_from)
        .then(pl.lit("high"))
        .when(value >= medium_from)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )


def arms(user_ids: pl.Series, holdout_share: float, key: str) -> pl.Series:
    """`arm` of each user: "holdout" for `holdout_share` of them, else "contact".

    By the SHA-256 of key and user, so that a user stays in an arm from day to day and from model to model; with a
    larger share the holdout only grows.
    """
    below = round(holdout_share * 2**64)
    drawn = [
        int.from_bytes(hashlib.sha256(f"{key}:{user}".encode()).digest()[:8], "big") < below
        for user in user_ids
    ]
    return pl.Series("arm", ["holdout" if held else "contact" for held in drawn], dtype=pl.String)
