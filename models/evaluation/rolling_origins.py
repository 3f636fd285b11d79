"""Rolling origins: the same settings refitted for earlier test periods, to show how figures vary over time.

Promise: the model of a test period, its rounds and its calibration use only days at least one label window before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from models.arrays import Floats
from models.learning.booster import Settings, log_odds
from models.learning.split import Period, TimeSplit, time_split, within
from models.learning.training import fit_model
from models.metrics.quality import QUALITIES, ranked, weighted_qualities
from models.rows import labels

_INNER_ORIGINS = 1  # one instead of three: a third of the time


@dataclass(frozen=True, slots=True)
class OriginQualities:
    """A training and a test period. `qualities`: `metrics.QUALITIES`, `rows` and `base_rate` of the test period."""

    training: Period
    test: Period
    qualities: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"training": str(self.training), "test": str(self.test), **self.qualities}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A test period that was left out, and the reason."""

    test: Period
    because: str


def origin_qualities(split: TimeSplit, test: pl.DataFrame, probability: Floats) -> OriginQualities:
    """The qualities of `probability` on `test`, the rows of the split's test period.

    `calibration_error` is the plug-in value here: noise makes it larger than that of `bootstrap.qualities`.
    """
    churned = labels(test)
    values = weighted_qualities(ranked(churned, probability), np.ones(len(churned)))
    counts = {"rows": float(test.height), "base_rate": float(churned.mean())}
    qualities = dict(zip(QUALITIES, values.tolist(), strict=True)) | counts
    return OriginQualities(split.training, split.test, qualities)


def earlier_origins(
    rows: pl.DataFrame,
    features: Sequence[str],
    split: TimeSplit,
    settings: Settings,
    window_days: int,
    *,
    count: int,
    min_rows: int,
) -> tuple[list[OriginQualities], list[LeftOut]]:
    """The qualities on the `count` periods before the test period, latest first, and the periods left out.

    Each period is as long as the test period and ends where the next one begins. It is left out if it, or its training
    period, has fewer than `min_rows` rows of a class. Rounds and calibration come from at most one inner origin; the
    evaluated model has several.
    """
    origins, left_out = [], []
    for test in _earlier(split.test, count):
        training = Period(split.training.first, test.first - timedelta(days=window_days + 1))
        lacking = _lacking(rows, (("training", training), ("test", test)), min_rows)
        if lacking:
            left_out.append(LeftOut(test, lacking))
            continue
        until = rows.filter(pl.col("login_day") <= test.last)
        earlier = time_split(
            until,
            window_days,
            test_from=test.first,
            test_share=0.5,
            origins=_INNER_ORIGINS,
            min_rows=min_rows,
        )
        fitted = fit_model(until, features, earlier, settings)
        test_rows = until.filter(within(earlier.test))
        raw = log_odds(fitted.booster, test_rows, fitted.features, settings.threads)
        origins.append(origin_qualities(earlier, test_rows, fitted.calibration.probability(raw)))
    return origins, left_out


def spread(origins: Sequence[OriginQualities]) -> dict[str, dict[str, float | int | None]]:
    """`{mean, low, high, sd}` of each quality over `origins`: low and high are the extremes, sd null for one."""
    return {
        name: {
            "mean": float(np.mean(values)),
            "low": min(values),
            "high": max(values),
            "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        }
        for name in (*QUALITIES, "base_rate")
        if (values := [origin.qualities[name] for origin in origins])
    }


def _earlier(test: Period, count: int) -> list[Period]:
    length = (test.last - test.first).days + 1
    return [
        Period(
            test.first - timedelta(days=length * back), test.first - timedelta(days=length * (back - 1) + 1)
        )
        for back in range(1, count + 1)
    ]


def _lacking(rows: pl.DataFrame, periods: Sequence[tuple[str, Period]], min_rows: int) -> str:
    for name, period in periods:
        churned = rows.filter(within(period))["churned"]
        returned, lost = churned.len() - int(churned.sum()), int(churned.sum())
        if min(returned, lost) < min_rows:
            return f"its {name} period has {returned} rows that returned and {lost} that churned"
    return ""
