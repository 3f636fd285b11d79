"""The schema of login rows: their keys, their label, and their features as a matrix.

Promise: a feature is a column that is named as one; a column beside the features is never learnt from.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.errors import DataError

ROW_COLUMNS = ("user_id", "login_day", "login_number", "churned", "ripe", "window_days")


def feature_matrix(rows: pl.DataFrame, features: Sequence[str]) -> NDArray[np.float32]:
    """`features` of `rows` as (rows, features), missing = NaN.

    Raises DataError naming the features that `rows` lacks.
    """
    lacking = [name for name in features if name not in rows.columns]
    if lacking:
        raise DataError(
            f"login rows: {len(lacking)} of {len(features)} features that the model needs are missing: "
            f"{', '.join(lacking[:10])}.\nThere are {len(rows.columns)} columns.\n"
            "Make the rows with the same features, or train again: dvc repro train"
        )
    return rows.select(pl.col(features).cast(pl.Float32)).to_numpy()


def labels(rows: pl.DataFrame) -> NDArray[np.float64]:
    """`churned` as 0.0 and 1.0."""
    return rows["churned"].cast(pl.Float64).to_numpy()
