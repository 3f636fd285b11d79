"""The percentile and the band of a probability in a list."""

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import rankdata

BANDS = ("low", "medium", "high")


def risk_percentile(probability: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(rows,): the percentile of each probability, 0 to 100: the share of rows with at most that probability."""
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
