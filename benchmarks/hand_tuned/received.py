"""Contacts received, for `benchmarks.hand_tuned.login_rows`: each window is two binary searches per login."""

import numpy as np
import polars as pl

from benchmarks.hand_tuned.user_days import STRIDE

_WINDOWS = (7, 14, 28, 30)


def received(keys: pl.Series, logins: pl.Series) -> list[pl.Series]:
    """`received@7` … and `received@since` (f32) at each of `logins`; both are sorted keys of user-days.

    `keys`: one per contact received.
    """
    received_at, at_login = keys.to_numpy(), logins.to_numpy()
    until = np.searchsorted(received_at, at_login, side="right")
    counts = [
        pl.Series(f"received@{days}", until - np.searchsorted(received_at, at_login - days, side="right"))
        for days in _WINDOWS
    ]
    last = np.concatenate(([-STRIDE], received_at))[until]
    since = np.where(last // STRIDE == at_login // STRIDE, at_login - last, np.nan)
    return [series.cast(pl.Float32) for series in (*counts, pl.Series("received@since", since))]
