"""The quality of the value model on the test period: what users paid who stayed, against what was expected.

Promise: the method was chosen inside the training range. The test rows report it, and decide nothing.
"""

from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl

from models.arrays import Flags, Floats, Ints
from models.metrics.bootstrap import Bootstrap
from models.value.judging import Totals, by_band, deviances, floored, gini, totals
from models.value.rows import AHEAD, band_numbers, revenue, stayers
from models.value.value_model import BLEND, BOOSTER, ValueModel

_NEW_DAYS = 30  # a user of the first day has one day
_NO_AMOUNTS = "the log has no amounts"
_NO_ROWS = "no user of the test period stayed whose revenue ahead is known"


def value_section(
    landmarks: pl.DataFrame, value: ValueModel | None, test_from: date, lead_days: int, bootstrap: Bootstrap
) -> dict[str, Any]:
    """`value` of metrics.json: the evaluated value model on the drawn rows of the test period whose user stayed.

    `deviance` (Tweedie, power 1.5), `gini`, predicted and actual totals with the interval of their ratio, also by
    band of login numbers and for users in their first 30 days. The same for each of the `baselines`, uncalibrated,
    and for the methods with trees that are not in use. Without amounts, `because` alone.
    """
    if value is None:
        return {"because": _NO_AMOUNTS}
    card = value.card
    said = {
        "method": card.method,
        "horizon_days": card.horizon_days,
        "judged_days": card.judged_days,
        "note": card.note,
        **({"because": card.because} if card.because else {}),
    }
    if card.judged_days is None:
        return said
    rows = stayers(landmarks, lead_days).filter(pl.col("as_of") >= test_from)
    if rows.is_empty() or not (rows[AHEAD] > 0).any():
        return said | {"because": _NO_ROWS}
    judge = _Judge(rows, bootstrap)
    fitted = {name: judge.of(value.by_method(rows, name)) for name in value.methods}
    trees = {name: fitted.pop(name) for name in (BOOSTER, BLEND) if name in fitted}
    trees.pop(card.method, None)
    return {**said, **judge.of(value.judged(rows)), "baselines": fitted, "others": trees}


class _Judge:
    """The test rows, and what each method is worth on them."""

    def __init__(self, rows: pl.DataFrame, bootstrap: Bootstrap) -> None:
        self.users: pl.Series = rows["user_id"]
        self.actual: Floats = revenue(rows)
        self.bands: Ints = band_numbers(rows)
        self.new: Flags = rows["own_days"].to_numpy() < _NEW_DAYS
        self.bootstrap = bootstrap

    def of(self, predicted: Floats) -> dict[str, Any]:
        """The figures of one method."""
        users, actual, new = self.users, self.actual, self.new
        whole = totals(users, actual, predicted, self.bootstrap)
        of_new = totals(users.filter(pl.Series(new)), actual[new], predicted[new], self.bootstrap)
        return {
            "deviance": float(deviances(actual, floored(predicted, self.bands)).mean()),
            "gini": gini(actual, predicted),
            "rows": whole.rows,
            "users": whole.users,
            "total_predicted": whole.predicted,
            "total_actual": whole.actual,
            "ratio": asdict(whole.ratio),
            "first_30_days": _flat(of_new),
            "by_band": [
                {"band": band, **_flat(part)}
                for band, part in by_band(users, actual, predicted, self.bands, self.bootstrap).items()
            ],
        }


def _flat(part: Totals) -> dict[str, Any]:
    """The totals of some rows, with their ratio as `ratio`, `low` and `high`."""
    return {
        "rows": part.rows,
        "users": part.users,
        "predicted": part.predicted,
        "actual": part.actual,
        "ratio": part.ratio.value,
        "low": part.ratio.low,
        "high": part.ratio.high,
    }
