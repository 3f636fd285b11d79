"""The rows of the value model: landmark rows whose user stayed, with the revenue of the days ahead.

Promise: a row whose revenue ahead is not known, or whose user churned, is never fitted or judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.arrays import Floats
from models.bands import BANDS, band_of
from models.learning.as_of import as_login_rows
from models.learning.split import Origin, Period, TimeSplit, origins_within, within

AHEAD = "revenue_ahead"
MINOR_UNITS = 100
BAND_NAMES = tuple(name for name, _, _ in BANDS)
_LEAST_DAYS = 14
_LEAST_PAYING = 200
_PARTS = 5


@dataclass(frozen=True, slots=True)
class ValueSplit:
    """The training period, the test period and the inner origins of the value model, purged by its own window."""

    training: Period
    test: Period
    origins: tuple[Origin, ...]


def judged_days(horizon_days: int, log_days: int) -> int | None:
    """The days over which revenue is learnt and judged: a fifth of the log, `horizon_days` at most.

    None when a log is too short for 14 days.
    """
    days = min(horizon_days, log_days // _PARTS)
    return days if days >= _LEAST_DAYS else None


def stayers(landmarks: pl.DataFrame, lead_days: int) -> pl.DataFrame:
    """The drawn rows within the horizon that did not churn and whose revenue ahead is known, as login rows."""
    within_horizon = pl.col("silent_days") < pl.col("window_days") - lead_days
    kept = (
        pl.col("drawn") & pl.col("ripe") & ~pl.col("churned") & within_horizon & pl.col(AHEAD).is_not_null()
    )
    return as_login_rows(landmarks.filter(kept))


def value_split(
    rows: pl.DataFrame, split: TimeSplit, window_days: int, origins: int, min_rows: int
) -> ValueSplit | None:
    """The periods of `rows` (as `stayers` gives them) for a window of `window_days`: of the label or the revenue ahead.

    The test period begins where that of `split` does. Each inner period has `min_rows` rows with revenue. None when
    the training period is empty or has fewer than 200 rows with revenue.
    """
    if rows.is_empty():
        return None
    first, last = (_day(rows, at) for at in (0, -1))
    training = Period(first, split.test.first - timedelta(days=window_days + 1))
    if _paying(rows, training) < _LEAST_PAYING:
        return None
    found = origins_within(training, window_days, origins, lambda period: _paying(rows, period) >= min_rows)
    return ValueSplit(training, Period(split.test.first, last), found)


def revenue(rows: pl.DataFrame) -> Floats:
    """The revenue ahead, in the reporting currency."""
    return np.asarray(rows[AHEAD].to_numpy() / MINOR_UNITS, dtype=np.float64)


def band_numbers(rows: pl.DataFrame) -> np.typing.NDArray[np.int64]:
    """(rows,) the position of each row's band of login numbers in `BAND_NAMES`."""
    names = rows.select(band_of(pl.col("login_number")).cast(pl.Enum(BAND_NAMES))).to_series()
    return names.to_physical().cast(pl.Int64).to_numpy()


def concatenated(parts: Sequence[Floats]) -> Floats:
    """The parts one after another; empty without parts."""
    return np.concatenate([np.empty(0), *parts])


def _paying(rows: pl.DataFrame, period: Period) -> int:
    return int((rows.filter(within(period))[AHEAD] > 0).sum())


def _day(rows: pl.DataFrame, at: int) -> date:
    day: date = rows["login_day"].sort()[at]
    return day
