"""The number of the list for each user, bucket by bucket."""

from pathlib import Path

import polars as pl

from models.learning.list_model import ListModel
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import buckets_in, read_bucket

_KEPT = ("user_id", "as_of", "login_day", "login_number", "silent_days", "window_days")


def list_numbers(listed: Path, models: ListModel) -> pl.DataFrame:
    """`user_id, as_of, login_day, login_number, silent_days, window_days, probability`, and `within`, of each user.

    `within`: the silence is shorter than the horizon, so the user is on the list. Others were silent for longer, at
    most for as long as in training.
    """

    def of_bucket(bucket: int) -> pl.DataFrame:
        rows = read_bucket(listed, bucket).with_columns(_within(models).alias("within"))
        near, far = rows.filter("within"), rows.filter(~pl.col("within"))
        parts = ((near, models.predict(near)), (far, models.predict_beyond(far)))
        numbers = [
            part.select(*_KEPT, "within", pl.Series("probability", number, dtype=pl.Float64))
            for part, number in parts
        ]
        return pl.concat(numbers).drop_nans("probability")

    return pl.concat(over_buckets(of_bucket, buckets_in(listed)))


def _within(models: ListModel) -> pl.Expr:
    return pl.col("silent_days") < pl.col("window_days") - models.card.churn.lead_days
