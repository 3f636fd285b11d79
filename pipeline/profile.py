"""Stage `profile`: for each user which dimensions raise or lower the risk, why in words, and who is alike."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from features.define import Feature
from models.peers import Peers, peers_of, standardised
from models.styles import shapes_of
from models.trained import TrainedModel
from pipeline import style_book
from pipeline.contracts import load_contract
from pipeline.engine import over_buckets
from pipeline.errors import InputError
from pipeline.explained import Explanation, explain, numbers_told, reasons_told
from pipeline.features_in_use import features_of_model
from pipeline.goals_told import goals_told
from pipeline.log_facts import read_facts
from pipeline.model_store import load_model
from pipeline.outside_told import read_told
from pipeline.params import Log, Score, Styles, Value
from pipeline.profile_columns import causes_told, plays_told, points_and_standing
from pipeline.revenue import revenue_before
from pipeline.segments_told import segments_told
from pipeline.stage import In, Out, main
from pipeline.storage import bucket_file, buckets_in, read_bucket, write_json, write_parquet

_USUAL = "usual:"
_PAID = "revenue_life"


def run(
    log: Log,
    styles: Styles,
    score: Score,
    value: Value,
    model: In = Path("data/model/scoring"),
    logins: In = Path("data/logins"),
    activity: In = Path("data/activity"),
    ingest_report: In = Path("reports/ingest.json"),
    outside_report: In = Path("reports/outside.json"),
    profiles: Out = Path("data/profiles"),
    segments: Out = Path("reports/segments.json"),
) -> None:
    """Write `profiles.parquet`, one row per user at the user's last login, `styles.json` and the segments."""
    trained, facts = load_model(model), read_facts(ingest_report)
    contract = load_contract(Path(log.contract))
    features = features_of_model(trained.features, contract, read_told(outside_report))

    names = list(trained.features)
    _check_there(logins, names)
    parts = over_buckets(
        lambda bucket: last_and_usual(read_bucket(logins, bucket), names), buckets_in(logins), "profile"
    )
    users = pl.concat(parts).sort("user_id")
    peers = peers_of(users["login_number"], users[_PAID] > 0 if _PAID in users.columns else None)
    found = explain(users, trained, features)
    people = profile_rows(users, found, trained, features, peers).hstack(
        goals_told(users, found.probability, trained, features, peers, score)
    )
    told, of_users = segments_told(users, people["login_probability"], features, styles)
    write_json(told, segments)
    write_parquet(of_users, profiles / "segments.parquet")
    revenue = revenue_before(activity, facts.log_start, facts.log_end, value.horizon_days)
    write_styles(people, users, revenue, found, peers, styles, profiles)


def write_styles(
    people: pl.DataFrame,
    users: pl.DataFrame,
    revenue: pl.DataFrame | None,
    found: Explanation,
    peers: Peers,
    styles: Styles,
    profiles: Path,
) -> None:
    """Write `people` with their styles to `profiles`, and what the styles are."""
    shapes = shapes_of(standardised(found.by_dimension, peers))
    groups = style_book.fitted(shapes, styles)
    former = None if styles.former is None else Path(styles.former)
    names, new = style_book.names_of(groups, former, styles.most_apart)
    style = [names[i] for i in groups.of(shapes)]
    told = people.with_columns(
        pl.Series("style", style, dtype=pl.String),
        pl.Series("style_before", style_book.moved(shapes, style, former), dtype=pl.String),
    )
    write_parquet(told, profiles / "profiles.parquet")
    known = told.with_columns(users["churned"])
    if revenue is not None:
        known = known.join(revenue, on="user_id", how="left", maintain_order="left").with_columns(
            pl.col("expected_revenue").fill_null(0.0)
        )
    write_json(style_book.as_json(groups, names, new, known), profiles / style_book.STYLES_FILE)


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


def profile_rows(
    users: pl.DataFrame,
    found: Explanation,
    trained: TrainedModel,
    features: list[Feature],
    peers: Peers,
) -> pl.DataFrame:
    """The profile of each of `users` (as `last_and_usual` gives them; `found` explains them), in their order.

    Columns: `user_id, login_day, login_number, ripe, window_days, login_probability, base_log_odds`, one column of
    log-odds for each dimension, `reason_1..3` (feature names) and `reason_1_text..3_text`, then
    those of `profile_columns`, and whether the user's own number can be trusted: `evidence`, `evidence_rate`,
    `evidence_text` (models.evidence). Peers are the users of the same day, band and payment: what is known of
    them at that day is known of all.
    """
    usual = users.select(pl.col(f"{_USUAL}{feature.name}").alias(feature.name) for feature in features)
    reasons = reasons_told(found, users, usual, features, peers)
    causes = causes_told(users, reasons, features, peers)
    own = users.select("user_id", "login_day", "login_number", "ripe", "window_days").hstack(
        [
            *numbers_told(found).rename({"probability": "login_probability"}),
            *reasons,
            *points_and_standing(found, trained.calibration, peers),
            *causes,
            *plays_told(causes, standardised(found.by_dimension, peers)),
        ]
    )
    return own.hstack(trained.evidence.told(users))


if __name__ == "__main__":
    main(run)
