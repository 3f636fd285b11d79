"""The silence since the last login, for the numbers of the list. A login itself has none."""

import polars as pl

from features.aggregation.landmarks import LONGEST_GAP, MEAN_GAP, P90_GAP, SILENT_DAYS
from features.define import Feature, Form

_NO_GAP = "no earlier login"


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
    ),
    _against(
        "silent_to_mean_gap",
        MEAN_GAP,
        "ratio",
        "ratio",
        pl.col(SILENT_DAYS) / pl.col(MEAN_GAP),
        "has not come for {value:.1f} times the usual time between logins",
    ),
    _against(
        "silent_to_p90_gap",
        P90_GAP,
        "ratio",
        "ratio",
        pl.col(SILENT_DAYS) / pl.col(P90_GAP),
        "has not come for {value:.1f} times the 90th percentile of the user's earlier absences",
    ),
    _against(
        "silent_to_longest_gap",
        LONGEST_GAP,
        "ratio",
        "ratio",
        pl.col(SILENT_DAYS) / pl.col(LONGEST_GAP),
        "has not come for {value:.1f} times the longest absence so far",
    ),
    _against(
        "silent_beyond_longest_days",
        LONGEST_GAP,
        "number",
        "days",
        pl.col(SILENT_DAYS) - pl.col(LONGEST_GAP),
        "has not come for {value:.0f} days more than the longest absence so far (negative: fewer)",
    ),
)
