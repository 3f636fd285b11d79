"""Stage `profile`: for each user, which dimensions raise or lower the risk, and why in words."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from features.define import Feature
from models.trained import TrainedModel
from pipeline.contracts import load_contract
from pipeline.engine import over_buckets
from pipeline.errors import InputError
from pipeline.explained import explained
from pipeline.features_in_use import features_of_model
from pipeline.model_store import load_model
from pipeline.outside_told import read_told
from pipeline.params import Log
from pipeline.stage import In, Out, main
from pipeline.storage import bucket_file, buckets_in, read_bucket, write_parquet

_USUAL = "usual:"


def run(
    log: Log,
    model: In = Path("data/model/scoring"),
    logins: In = Path("data/logins"),
    profiles: Out = Path("data/profiles"),
    outside_report: In = Path("reports/outside.json"),
) -> None:
    """Write `profiles.parquet`: one row per user, at the user's last login."""
    trained = load_model(model)
    contract = load_contract(Path(log.contract))
    features = features_of_model(trained.features, contract, read_told(outside_report))

    names = list(trained.features)
    _check_there(logins, names)
    users = over_buckets(
        lambda bucket: last_and_usual(read_bucket(logins, bucket), names), buckets_in(logins), "profile"
    )
    write_parquet(
        profile_rows(pl.concat(users).sort("user_id"), trained, features), profiles / "profiles.parquet"
    )


def _check_there(logins: Path, names: Sequence[str]) -> None:
    there = pl.read_parquet_schema(bucket_file(logins, buckets_in(logins)[0]))
    gone = [name for name in names if name not in there]
    if gone:
        raise InputError(
            f"{logins}: the model was trained with {', '.join(gone[:3])}, {len(gone)} features in all that this "
            "log is too short for, or tells nothing of.\n"
            "Give a log as long and as full as the one it was trained on, or train anew."
        )


def last_and_usual(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Each user's last login row, and as `usual:NAME` the mean of each feature over the rows before it.

    `rows`: login rows of whole users, sorted by user and day.
    """
    earlier = pl.col(names).slice(0, pl.len() - 1).fill_nan(None)
    usual = earlier.mean().name.prefix(_USUAL)
    return rows.group_by("user_id", maintain_order=True).agg(pl.exclude("user_id").last(), usual)


def profile_rows(users: pl.DataFrame, trained: TrainedModel, features: list[Feature]) -> pl.DataFrame:
    """The profile of each of `users` (as `last_and_usual` gives them), in their order.

    Columns: `user_id, login_day, login_number, ripe, window_days, login_probability, base_log_odds`, one
    column of log-odds for each dimension, `reason_1..3` (feature names), `reason_1_text..3_text`, and whether
    the user's own number can be trusted: `evidence`, `evidence_rate`, `evidence_text` (models.evidence).
    """
    usual = users.select(pl.col(f"{_USUAL}{feature.name}").alias(feature.name) for feature in features)
    told = explained(users, usual, trained, features).rename({"probability": "login_probability"})
    own = users.select("user_id", "login_day", "login_number", "ripe", "window_days")
    return own.hstack(told).hstack(trained.evidence.told(users))


if __name__ == "__main__":
    main(run)
