"""The length of each login row's label window. It looks back only: the window is known at the login.

Promise: the windows of a row do not change when the log grows.
"""

import math

import numpy as np
import polars as pl

from models.arrays import Ints
from models.labels.churn import Churn, Personal
from models.labels.sequence import sequence_keys

LEAST_GAPS = 3  # fewer gaps do not show a user's rhythm


def horizon_days(rows: pl.DataFrame, churn: Churn) -> Ints:
    """N of each of `rows` (`user_id`, `login_day`; every login of its users, in order), without the lead.

    Raises DataError when the rows are out of order.
    """
    if churn.kind == "personal":
        return _personal(rows, churn.personal, churn.horizon_days)
    lengths = np.full(rows.height, churn.horizon_days, dtype=np.int64)
    newcomers = churn.newcomers
    if not newcomers.exist:
        return lengths
    new = np.zeros(rows.height, dtype=bool)
    if newcomers.logins is not None:
        new |= np.arange(rows.height) - first_rows(rows) < newcomers.logins
    if newcomers.days is not None:
        new |= tenure_days(rows) <= newcomers.days
    return np.where(new, newcomers.horizon_days, lengths)


def tenure_days(rows: pl.DataFrame) -> Ints:
    """Days from each user's first login in `rows` to each row: 0 at the first."""
    keys = sequence_keys(rows)
    return keys - keys[first_rows(rows)]


def first_rows(rows: pl.DataFrame) -> Ints:
    """The position of the first row of each row's user."""
    runs = rows["user_id"].rle().struct.field("len").cast(pl.Int64).to_numpy()
    return np.repeat(np.cumsum(runs) - runs, runs)


def _personal(rows: pl.DataFrame, personal: Personal, otherwise_days: int) -> Ints:
    """Per row: `times` the user's quantile of the gaps up to the row (inverse of the distribution function).

    The result is rounded up to whole days. With fewer than three gaps it is `otherwise_days`. Both stay within
    the bounds.
    """
    sequence_keys(rows)
    longest = math.ceil(personal.most_days / personal.times)  # longer gaps make no longer horizon
    gap = pl.col("login_day").diff().dt.total_days().clip(upper_bound=longest)
    quantile = gap.rolling_quantile(
        personal.quantile,
        interpolation="equiprobable",
        window_size=max(LEAST_GAPS, rows.height),
        min_samples=LEAST_GAPS,
    )
    wanted = (quantile.over("user_id") * personal.times).round(6).ceil()  # rounded: 10 x 1.1 days are 11
    horizon = wanted.fill_null(otherwise_days)
    bounded = horizon.clip(personal.least_days, personal.most_days).cast(pl.Int64)
    return rows.select(bounded.alias("horizon_days")).to_series().to_numpy()
