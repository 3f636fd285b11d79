"""Three alarms of a figure: far from its own past, falling slowly, and worse than a norm.

- `level`: further than 3 robust standard deviations from the median of the 6 periods before. The deviation is
  1.4826 times the median absolute deviation (Rousseeuw & Croux 1993), and at least the figure's own standard error.
- `slow_fall`: worse three times in a row, and the 95 % interval of the last value less that of three periods before, by
  paired resampling of users, excludes 0. What is small but steady is easily overlooked.
- `norm`: worse than the norm that params.yaml names.

Promise: a figure of fewer than 200 users or orders, of a partial period or of a provisional one gives no alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.arrays import Flags, Floats, Ints
from models.business.kpis import Kpi, worse

PERIODS_BEFORE, FALLS = 6, 3
LEAST_N = 200
_DEVIATIONS, _MAD = 3.0, 1.4826
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Course:
    """A figure over the periods: values, intervals, resamplings (resamplings, periods), n, and which may alarm.

    `whole`: the periods that others are compared with.
    """

    value: Floats
    low: Floats
    high: Floats
    draws: Floats
    n: Ints
    may: Flags
    whole: Flags


def alarms(kpi: Kpi, course: Course, norm: float | None, by_past: Sequence[bool]) -> list[str | None]:
    """The alarms of each period, joined by ", "; None without any.

    `by_past`: whether a period is compared with those before it (`level`, `slow_fall`).
    """
    found = []
    for period in range(len(course.value)):
        names = []
        if course.may[period] and course.n[period] >= LEAST_N and np.isfinite(course.value[period]):
            if by_past[period] and kpi.better and _far_from_past(course, period):
                names.append("level")
            if by_past[period] and kpi.better and _falls(kpi, course, period):
                names.append("slow_fall")
            if norm is not None and worse(kpi, float(course.value[period]), norm):
                names.append("norm")
        found.append(", ".join(names) or None)
    return found


def _far_from_past(course: Course, period: int) -> bool:
    past = np.where(course.whole, course.value, np.nan)[max(period - PERIODS_BEFORE, 0) : period]
    if len(past) < PERIODS_BEFORE or not np.isfinite(past).all():
        return False
    middle = np.median(past)
    error = (course.high[period] - course.low[period]) / (2 * Z95)
    spread = max(_MAD * float(np.median(np.abs(past - middle))), float(np.nan_to_num(error)))
    return bool(abs(course.value[period] - middle) > _DEVIATIONS * spread)


def _falls(kpi: Kpi, course: Course, period: int) -> bool:
    if period < FALLS:
        return False
    recent = np.where(course.whole, course.value, np.nan)[period - FALLS : period + 1]
    if not np.isfinite(recent).all():
        return False
    if not all(worse(kpi, float(after), float(before)) for before, after in pairwise(recent)):
        return False
    moved = course.draws[:, period] - course.draws[:, period - FALLS]
    known = moved[np.isfinite(moved)]
    if not len(known):
        return False
    low, high = np.quantile(known, (0.025, 0.975))
    return bool(high < 0 if kpi.better == "high" else low > 0)
