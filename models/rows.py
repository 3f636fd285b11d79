"""The schema of login rows: their keys, their labels, and the features that a caller names.

Promise: a column is a feature only if a caller names it. A helper column in the rows never reaches a model.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.errors import DataError

KEYS = ("user_id", "login_day", "login_number")
"""The user, the day, and the number of the login among the user's logins."""
LABELS = ("churned", "ripe", "window_days")
"""Whether the user churned after it (null when unripe), whether that is known, and the days of the label window."""
ROW_COLUMNS = (*KEYS, *LABELS)


def feature_matrix(rows: pl.DataFrame, features: Sequence[str]) -> NDArray[np.float32]:
    """`features` of `rows` as (rows, features), missing = NaN. Raises DataError as `feature_columns`."""
    return feature_columns(rows, features).to_numpy()


def feature_columns(rows: pl.DataFrame, features: Sequence[str]) -> pl.DataFrame:
    """`features` of `rows` as f32, in this order.

    Raises DataError when `features` is empty, and names the features that `rows` lacks.
    """
    if not features:
        raise DataError(
            "login rows: no feature is named.\nExpected at least one numeric column.\n"
            "Run the stage that makes features: dvc repro logins"
        )
    lacking = [name for name in features if name not in rows.columns]
    if lacking:
        raise DataError(
            f"login rows: {len(lacking)} of {len(features)} features that the model needs are missing: "
            f"{', '.join(lacking[:10])}.\nThere are {len(rows.columns)} columns.\n"
            "Make the rows with the same features, or train again: dvc repro train"
        )
    return rows.select(pl.col(features).cast(pl.Float32))


def labels(rows: pl.DataFrame) -> NDArray[np.float64]:
    """`churned` as 0.0 and 1.0."""
    return rows["churned"].cast(pl.Float64).to_numpy()
