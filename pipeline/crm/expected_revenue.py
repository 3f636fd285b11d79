"""The expected revenue of the users of a list, by the value model of the version that scores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from features.aggregation.payments import PAYMENTS
from models.value.value_model import ValueModel, carried_on
from pipeline.storage.frames import buckets_in, columns_of, read_bucket
from pipeline.storage.model_folder import load_value

NO_AMOUNTS = "the log has no amounts"
NO_VALUE_MODEL = "the model has no value model: an older version made it"


@dataclass(frozen=True, slots=True)
class ExpectedRevenue:
    """`users`: `user_id, expected_revenue`, in the reporting currency; None if the log has no amounts.

    `method`: that of the value model, None without amounts. `because`: why it is no better one, or why there is none;
    empty where nothing need be said.
    """

    users: pl.DataFrame | None
    method: str | None
    because: str

    def as_json(self) -> dict[str, Any]:
        """Its entry in `summary.json`."""
        return {"value": {"method": self.method, "because": self.because or None}}


def expected_revenue(listed: Path, model: Path, horizon_days: int) -> ExpectedRevenue:
    """What each user of the folder `listed` is expected to pay in the value model's horizon, if the user stays.

    `model`: the folder of the version. A version without a value model carries the revenue of the last `horizon_days`
    days on. Raises InputError when the value model is unreadable, DataError when the rows lack a feature of it.
    """
    if not {*PAYMENTS} <= {*columns_of(listed)}:
        return ExpectedRevenue(None, None, NO_AMOUNTS)
    value = load_value(model) or carried_on(horizon_days, NO_VALUE_MODEL)
    users = [_of_rows(read_bucket(listed, bucket), value) for bucket in buckets_in(listed)]
    return ExpectedRevenue(pl.concat(users), value.card.method, value.card.because)


def _of_rows(rows: pl.DataFrame, value: ValueModel) -> pl.DataFrame:
    expected = pl.Series("expected_revenue", value.expected_revenue(rows), dtype=pl.Float64)
    return rows.select("user_id", expected)
