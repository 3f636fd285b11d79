"""The schema of login rows: their keys, their label, and their features as a matrix."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.errors import DataError

ROW_COLUMNS = ("user_id", "login_day", "login_number", "churned", "ripe", "window_days")


def feature_names(rows: pl.DataFrame) -> tuple[str, ...]:
    """The features of login rows, in their order: every column that is not a row's own.

    Raises DataError when there is none.
    """
    names = tuple(name for name in rows.columns if name not in ROW_COLUMNS)
    if not names:
        raise DataError(
            f"login rows: there is no feature beside {', '.join(rows.columns)}.\n"
            "Expected at least one numeric column.\nRun the stage that makes features: dvc repro logins"
        )
    return names


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
