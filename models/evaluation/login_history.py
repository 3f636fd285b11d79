"""The login history at each login, from dates alone: gaps, counts, tenure. It looks back only."""

import numpy as np
import polars as pl

from models.labels.sequence import sequence_keys


def with_history(rows: pl.DataFrame) -> pl.DataFrame:
    """`user_id, login_day` of `rows` and these columns, f64, known at the login:

    `gap_days` since the login before (null at the first), `mean_gap_days` of all gaps so far (null at the
    first), `tenure_days` since the first login observed, `logins_60d` and `logins_90d`: login days in
    the 60 and 90 days that end with the login day.
    Raises DataError when the rows are out of order.
    """
    keys = sequence_keys(rows)
    position = np.arange(len(keys))
    counts = {
        f"logins_{days}d": (position + 1 - np.searchsorted(keys, keys - days + 1)).astype(np.float64)
        for days in (60, 90)
    }
    days = pl.col("login_day").to_physical().cast(pl.Float64)
    tenure = days - days.first().over("user_id")
    earlier = pl.int_range(pl.len()).over("user_id")
    return rows.select(
        "user_id",
        "login_day",
        gap_days=days.diff().over("user_id"),
        mean_gap_days=pl.when(earlier > 0).then(tenure / earlier),
        tenure_days=tenure,
    ).with_columns(**{name: pl.Series(name, values) for name, values in counts.items()})
