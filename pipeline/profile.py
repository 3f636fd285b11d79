"""Stage `profile`: for each user, which dimensions raise or lower the risk, and why in words."""

from pathlib import Path

import polars as pl

from features.define import Feature
from models.trained import TrainedModel
from pipeline.contracts import load_contract
from pipeline.engine import over_buckets
from pipeline.explained import explained
from pipeline.features_in_use import features_in_use
from pipeline.model_store import load_model
from pipeline.params import Log
from pipeline.stage import In, Out, main
from pipeline.storage import buckets_in, read_bucket, write_parquet


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
        rows = read_bucket(logins, bucket)
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
    told = explained(last, usual, trained, features).rename({"probability": "login_probability"})
    return last.select("user_id", "login_day", "login_number", "ripe").hstack(told)


if __name__ == "__main__":
    main(run)
