"""The flat table of figures: one row for each period and figure, with its interval, its n, and why it is missing.

Promise: the schema is fixed. What is not known is null with a reason, never 0 and never a missing row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from statsmodels.stats.proportion import proportion_confint

from models.arrays import Flags, Floats, Ints
from models.business.alarms import Z95, Course, alarms
from models.business.groups import Draws
from models.business.kpis import KPIS, MINOR_SUMS, Kpi, Need, Sums
from models.business.nps import nps_error
from models.business.periods import Periods, date_of

FIGURES = pl.Schema(
    {
        "period": pl.String(),
        "kpi": pl.String(),
        "value": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "n": pl.Int64(),
        "provisional": pl.Boolean(),
        "alarm": pl.String(),
        "because": pl.String(),
        "grain": pl.String(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        "partial": pl.Boolean(),
        "unit": pl.String(),
    }
)
_LEVEL = (0.025, 0.975)
_MINOR = 100
_HISTORY_MONTHS = 12
"""A month is compared with the months before it once the log is so long; before, weeks are compared."""


@dataclass(frozen=True, slots=True)
class Known:
    """What figures of some periods rest on, and what is missing.

    `sums`: i64 (periods, groups) by name. `whole`: sums that are no total of users (periods,), or with their
    resamplings (resamplings, periods). `missing`: for each need, the reason of each period for which it is not met.
    `provisional`: (periods,).
    """

    periods: Periods
    sums: Mapping[str, Ints]
    whole: Mapping[str, Floats]
    whole_draws: Mapping[str, Floats]
    missing: Mapping[Need, Sequence[str | None]]
    provisional: Flags


def figures(
    known: Known, draws: Draws, norms: Mapping[str, float], kpis: Sequence[Kpi] = KPIS
) -> pl.DataFrame:
    """The rows of all figures (`FIGURES`), by period."""
    totals = {name: sums.sum(axis=1).astype(np.float64) for name, sums in known.sums.items()}
    sums = _in_units(totals | dict(known.whole))
    drawn = _in_units(draws.of(known.sums) | dict(known.whole) | dict(known.whole_draws))
    table = [_rows(kpi, known, sums, drawn, norms.get(kpi.name)) for kpi in kpis]
    order = {kpi.name: turn for turn, kpi in enumerate(kpis)}
    return (
        pl.concat([pl.DataFrame(schema=FIGURES), *table])
        .sort("first_day", pl.col("kpi").replace_strict(order, return_dtype=pl.Int64), maintain_order=True)
        .select(*FIGURES)
    )


def _in_units(sums: Sums) -> dict[str, Floats]:
    """Money in whole units of the currency."""
    return {name: values / _MINOR if name in MINOR_SUMS else values for name, values in sums.items()}


def _rows(kpi: Kpi, known: Known, sums: Sums, drawn: Sums, norm: float | None) -> pl.DataFrame:
    periods, count = known.periods, len(known.periods)
    because = _because(kpi, known)
    missing = np.array([reason is not None for reason in because], dtype=bool)
    nothing = np.full(count, np.nan)
    course = Course(
        nothing, nothing, nothing, nothing[None], np.zeros(count, dtype=np.int64), ~missing, ~missing
    )
    if not missing.all():
        course = _course(kpi, known, sums, drawn, missing)
    empty = np.isnan(course.value) & ~missing
    old = [_has_history(periods, int(end)) for end in periods.ends]
    return pl.DataFrame(
        {
            "period": periods.labels,
            "kpi": [kpi.name] * count,
            "value": course.value,
            "low": course.low,
            "high": course.high,
            "n": [None if gone else int(n) for gone, n in zip(missing, course.n, strict=True)],
            "provisional": known.provisional,
            "alarm": alarms(kpi, course, norm, old),
            "because": [kpi.empty if none else said for none, said in zip(empty, because, strict=True)],
            "grain": [periods.grain] * count,
            "first_day": [date_of(int(day)) for day in periods.begins],
            "last_day": [date_of(int(day)) for day in periods.ends],
            "partial": periods.partial,
            "unit": [kpi.unit] * count,
        },
        schema=FIGURES,
    ).with_columns(pl.col("value", "low", "high").fill_nan(None))


def _because(kpi: Kpi, known: Known) -> list[str | None]:
    """The first unmet need of each period."""
    reasons: list[str | None] = [None] * len(known.periods)
    for need in kpi.needs:
        reasons = [a if a is not None else b for a, b in zip(reasons, known.missing[need], strict=True)]
    return reasons


def _course(kpi: Kpi, known: Known, sums: Sums, drawn: Sums, missing: Flags) -> Course:
    """Values, intervals and resamplings of a figure; NaN where it is missing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value, resampled = kpi.of(sums), kpi.of(drawn)
        low, high = _interval(kpi, value, resampled, sums)
    value, low, high, resampled = (np.where(missing, np.nan, one) for one in (value, low, high, resampled))
    whole = ~(missing | known.periods.partial)
    n = np.nan_to_num(sums[kpi.n]).astype(np.int64)
    return Course(value, low, high, resampled, n, whole & ~known.provisional, whole)


def _interval(kpi: Kpi, value: Floats, drawn: Floats, sums: Sums) -> tuple[Floats, Floats]:
    """The 95 % interval: Wilson's for a share of users, by standard error for NPS, else percentiles of resamplings.

    A CLV without a loss has a lower end only: its value at the upper end of the churn rate.
    """
    if kpi.share_of is not None:
        low, high = proportion_confint(*(sums[name] for name in kpi.share_of), method="wilson")
        return np.asarray(low), np.asarray(high)
    if kpi.name == "nps":
        half = Z95 * nps_error(*(sums[name] for name in ("answered", "promoters", "detractors")))
        return np.maximum(value - half, -100.0), np.minimum(value + half, 100.0)
    known = np.where(np.isfinite(drawn), drawn, np.nan)
    some = np.isfinite(known).any(axis=0)
    low, high = (np.full(len(value), np.nan) for _ in range(2))
    if some.any():
        low[some], high[some] = np.nanquantile(known[:, some], _LEVEL, axis=0)
    low, high = np.fmin(low, value), np.fmax(high, value)
    gone = np.isnan(value)
    low, high = np.where(gone, np.nan, low), np.where(gone, np.nan, high)
    if kpi.name in ("clv", "clv_discounted"):
        _, most = proportion_confint(sums["lost"], sums["start"], method="wilson")
        bound = kpi.of({**sums, "lost": np.asarray(most) * sums["start"]})
        low = np.where(gone & (sums["start"] > 0), bound, low)
    return low, high


def _has_history(periods: Periods, end: int) -> bool:
    """Whether a period is compared with those before: weeks always, months once the log is a year long."""
    if periods.grain == "week":
        return True
    months = periods.number_of(np.array([end]))[0] - periods.first_number
    return bool(months >= _HISTORY_MONTHS)
