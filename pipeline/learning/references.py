"""The reference distributions of a trained model: its features and its probabilities at the time of training."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.checks.drift import References, reference_of
from models.thinning import step_to_at_least

_REFERENCE_ROWS = 500_000


def references_of(
    fitted: pl.DataFrame,
    scored: pl.DataFrame,
    features: Sequence[str],
    window_days: int,
    kinds: Iterable[str],
    tells: Iterable[str],
) -> References:
    """The references of the features on the `fitted` rows, and of `probability` on the `scored` rows.

    Rows of the newest label window show the usual change over time. At most half a million rows are used: of more,
    every n-th.
    """
    rows = fitted.gather_every(step_to_at_least(fitted.height, _REFERENCE_ROWS))
    newest = _newest(rows, window_days)
    return References(
        users=fitted["user_id"].n_unique(),
        score=reference_of(scored["probability"].to_numpy(), _newest(scored, window_days)),
        features={name: reference_of(rows[name].cast(pl.Float32).to_numpy(), newest) for name in features},
        kinds=tuple(kinds),
        tells=tuple(tells),
    )


def _newest(rows: pl.DataFrame, days: int) -> NDArray[np.bool_]:
    return (
        rows.select(pl.col("login_day") > pl.col("login_day").max() - timedelta(days=days))
        .to_series()
        .to_numpy()
    )
