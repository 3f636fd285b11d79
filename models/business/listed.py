"""What the CRM list says of the days ahead: the losses and the revenue at risk that its probabilities add up to."""

from datetime import date

import numpy as np
import polars as pl

from models.arrays import Floats
from models.business.figures import FIGURES

LISTED = {"expected_losses": "users", "value_at_risk": "money"}
"""The figures and their units."""
_NO_VALUE = "the log has no amounts, so no revenue is expected"


def listed_figures(listed: pl.DataFrame, as_of: date, resamplings: int, seed: int) -> pl.DataFrame:
    """The rows of `FIGURES` for the list of `as_of`, with `churn_probability` and `value_at_risk`.

    The period is the day itself. They are provisional: the days ahead will tell.
    """
    columns = {"expected_losses": "churn_probability", "value_at_risk": "value_at_risk"}
    rows = []
    for name, column in columns.items():
        values = listed[column].drop_nulls().to_numpy() if column in listed.columns else np.array([])
        value, low, high = _sum(values, resamplings, seed)
        because = None if len(values) else "nobody is on the list" if listed.is_empty() else _NO_VALUE
        rows.append(
            {
                "period": as_of.isoformat(), "kpi": name, "value": value, "low": low, "high": high, "n": len(values),
                "provisional": True, "alarm": None, "because": because, "grain": "list", "first_day": as_of,
                "last_day": as_of, "partial": False, "unit": LISTED[name],
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=FIGURES)


def _sum(values: Floats, resamplings: int, seed: int) -> tuple[float | None, float | None, float | None]:
    """The sum with a 95 % interval by resampled users."""
    if not len(values):
        return None, None, None
    random = np.random.default_rng(seed)
    count = len(values)
    sums = [float(values[random.integers(0, count, count)].sum()) for _ in range(resamplings)]
    low, high = np.quantile(sums, (0.025, 0.975))
    return float(values.sum()), float(low), float(high)
