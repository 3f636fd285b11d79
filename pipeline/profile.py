"""Stage `profile`: for each user, which dimensions raise or lower the risk, and why in words."""

import math
from pathlib import Path

import numpy as np
import polars as pl
from models.contributions import by_dimension, contributions
from models.trained import TrainedModel

from features.define import DIMENSIONS, Feature
from features.wording import sentence
from models.reasons import NO_REASON, top_reasons
from pipeline.contracts import load_contract
from pipeline.engine import over_buckets
from pipeline.features_in_use import features_in_use
from pipeline.model_store import load_model
from pipeline.params import Log
from pipeline.stage import In, Out, main
from pipeline.storage import bucket_file, buckets_in, write_parquet

REASONS = 3


def run(
    log: Log,
    model: In = Path("data/model/scoring"),
    logins: In = Path("data/logins"),
    profiles: Out = Path("data/profiles"),
) -> None:
    """Write `profiles.parquet`: one row per user, at the user's last login."""
    trained = load_model(model)
    known = {feature.name: feature for feature in features_in_use(load_contract(Path(log.contract)))}
    features = [known[name] for name in trained.features]

    def of_bucket(bucket: int) -> pl.DataFrame:
        rows = pl.read_parquet(bucket_file(logins, bucket), hive_partitioning=False)
        return profile_rows(rows, trained, features)

    parts = over_buckets(of_bucket, buckets_in(logins), "profile")
    write_parquet(pl.concat(parts).sort("user_id"), profiles / "profiles.parquet")


def profile_rows(rows: pl.DataFrame, trained: TrainedModel, features: list[Feature]) -> pl.DataFrame:
    """The profile of each user in `rows` (whole users, sorted by login day) at the last login.

    Columns: `user_id, login_day, login_number, ripe, login_probability, base_log_odds`, one column of
    log-odds for each dimension, `reason_1..3` (feature names) and `reason_1_text..3_text`.
    """
    names = [feature.name for feature in features]
    last = rows.group_by("user_id", maintain_order=True).last()
    usual = rows.group_by("user_id", maintain_order=True).agg(pl.col(names).fill_nan(None).mean())
    values, base = contributions(trained.booster, last.select(names))
    dimension_of = {feature.name: feature.dimension for feature in features}
    summed = by_dimension(values, names, dimension_of)
    chosen = top_reasons(values, names, dimension_of, REASONS)
    told = _told(last.select(names).to_numpy(), usual.select(names).to_numpy(), chosen, features)
    return last.select("user_id", "login_day", "login_number", "ripe").with_columns(
        pl.Series("login_probability", trained.predict(last), dtype=pl.Float64),
        pl.lit(base).alias("base_log_odds"),
        *(pl.Series(name, summed.get(name, np.zeros(last.height)), dtype=pl.Float64) for name in DIMENSIONS),
        *(pl.Series(name, column, dtype=pl.String) for name, column in told.items()),
    )


def _told(
    values: np.ndarray, usual: np.ndarray, chosen: np.ndarray, features: list[Feature]
) -> dict[str, list[str | None]]:
    """Reason columns: the code of each chosen feature, and its sentence."""
    columns: dict[str, list[str | None]] = {}
    for rank in range(REASONS):
        picks = chosen[:, rank]
        columns[f"reason_{rank + 1}"] = [None if i == NO_REASON else features[i].name for i in picks]
        columns[f"reason_{rank + 1}_text"] = [
            None if i == NO_REASON else sentence(features[i], _number(values[row, i]), _number(usual[row, i]))
            for row, i in enumerate(picks)
        ]
    return columns


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


if __name__ == "__main__":
    main(run)
