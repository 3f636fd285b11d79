"""The silence since the last login, for the numbers of the list. A login itself has none."""

import polars as pl

from features.aggregation.landmarks import LONGEST_GAP, MEAN_GAP, P90_GAP, SILENT_DAYS
from features.define import Feature, Form

_NO_GAP = "has come only once"


def _against(name: str, gap: str, form: Form, unit: str, value: pl.Expr, says: str) -> Feature:
    return Feature(
        name=name,
        value=pl.when(pl.col(gap) > 0).then(value),
        dimension="silence",
        form=form,
        worse="high",
        cause="COMES_LESS",
        unit=unit,
        moves=True,
        says=says,
        says_missing=_NO_GAP,
    )


SILENCE = (
    Feature(
        name=SILENT_DAYS,
        value=pl.col(SILENT_DAYS),
        dimension="silence",
        form="days_since",
        worse="high",
        cause="COMES_LESS",
        unit="days",
        moves=True,
        says="has not come for {value:.0f} days",
        says_zero="came today",
    ),
    _against(
        "silent_to_mean_gap",
        MEAN_GAP,
        "ratio",
        "ratio",
        pl.col(SILENT_DAYS) / pl.col(MEAN_GAP),
        "has been away {value:.1f} times as long as usual",
    ),
    _against(
        "silent_to_p90_gap",
        P90_GAP,
        "ratio",
        "ratio",
        pl.col(SILENT_DAYS) / pl.col(P90_GAP),
        "has been away {value:.1f} times as long as a long absence usually is",
    ),
    _against(
        "silent_to_longest_gap",
        LONGEST_GAP,
        "ratio",
        "ratio",
        pl.col(SILENT_DAYS) / pl.col(LONGEST_GAP),
        "has been away {value:.1f} times as long as the longest absence so far",
    ),
    _against(
        "silent_beyond_longest_days",
        LONGEST_GAP,
        "duration",
        "days",
        pl.col(SILENT_DAYS) - pl.col(LONGEST_GAP),
        "days away beyond the longest absence so far: {value:.0f} (negative: not yet as long)",
    ),
)
