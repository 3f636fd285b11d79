"""Stage `profile`: for each user which dimensions raise or lower the risk, why in words, and who is alike.

Promise: memory holds one batch of users' login rows and some numbers of every user, never all login rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.define import Feature
from models.peer_norms import Among, peer_norms
from models.peers import Peers, Sums, standardised, standing, sums_of_peers
from models.styles import shapes_of
from models.trained import TrainedModel
from pipeline import style_book
from pipeline.contracts import load_contract
from pipeline.engine import with_progress
from pipeline.errors import InputError
from pipeline.explained import PEERS_FILE, Explanation, explain, joined, numbers_told, reasons_told
from pipeline.features_in_use import features_of_model
from pipeline.goals_told import Reach, goals_told, reach_of
from pipeline.last_logins import USUAL, Batch, last_and_usual, last_rows, peers_in
from pipeline.log_facts import read_facts
from pipeline.model_store import load_model
from pipeline.outside_told import read_told
from pipeline.params import Log, Score, Styles, Value
from pipeline.profile_columns import causes_told, peers_pay, plays_told, points_and_standing
from pipeline.revenue import revenue_before
from pipeline.segments_told import Parting, parting_of, segments_told
from pipeline.stage import In, Out, main
from pipeline.storage import bucket_file, buckets_in, write_json, write_parquet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_OWN = ("user_id", "login_day", "login_number", "ripe", "window_days")
_REGULAR = 3
"""Logins from which on one can speak of regular visits."""
_SAMPLE_USERS = 50_000
"""As many at most tell what peers reach, and where segments end."""


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
    """Write `profiles.parquet`, one row per user at the user's last login, `styles.json`, `peers.json`, segments."""
    trained, facts = load_model(model), read_facts(ingest_report)
    contract = load_contract(Path(log.contract))
    features = features_of_model(trained.features, contract, read_told(outside_report))
    _check_there(logins, trained.features)

    peers, batches = peers_in(logins)
    step = -(-len(peers.group) // _SAMPLE_USERS)
    heard = [
        _heard(logins, batch, trained, features, peers, step) for batch in with_progress(batches, "profile")
    ]
    found = joined([one.found for one in heard])
    usual = reduce(add, (one.usual for one in heard))
    norms = peer_norms(usual, found.raised.weight, peers, trained.features, found.raised.dimensions)
    own = pl.concat(one.own for one in heard)
    sample = pl.concat(one.sample for one in heard)
    del heard

    reach = reach_of(sample, features, peers.of_rows(sample["place"].to_numpy()))
    parting = parting_of(sample, found.probability[sample["place"].to_numpy()], features, styles)
    at_login = [
        _goals_and_segment(logins, batch, found, trained, features, peers, reach, parting, score)
        for batch in with_progress(batches, "profile: goals and segments")
    ]
    among = standardised(found.by_dimension, peers), standing(found.by_dimension, peers)
    people = [
        profile_rows(
            own[batch.rows], found.of_rows(batch.rows), trained, features, Among(norms, peers.group[batch.rows]),
            *(one[batch.rows] for one in among),
        )
        for batch in batches
    ]  # fmt: skip
    told = pl.concat(people).hstack(pl.concat(goals for goals, _ in at_login))
    in_order = told["user_id"].arg_sort()
    parted, place = segments_told(parting, np.concatenate([part for _, part in at_login]), found.probability)
    write_json(parted, segments)
    of_users = told.select("user_id", pl.Series("segment", place, dtype=pl.Int32))
    write_parquet(of_users[in_order], profiles / "segments.parquet")
    revenue = revenue_before(activity, facts.log_start, facts.log_end, value.horizon_days)
    write_styles(
        told[in_order], own["churned"][in_order], shapes_of(among[0])[in_order], revenue, styles, profiles
    )
    write_json(norms.as_json(), profiles / PEERS_FILE)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is kept of a batch of users: `sample` is every so many of them, with their `place` among all."""

    own: pl.DataFrame
    found: Explanation
    usual: Sums
    sample: pl.DataFrame


def _heard(
    logins: Path, batch: Batch, trained: TrainedModel, features: Sequence[Feature], peers: Peers, step: int
) -> _Heard:
    rows, names = last_and_usual(logins, batch, trained.features), trained.features
    usual = rows.select(pl.col(f"{USUAL}{name}").alias(name) for name in names)
    placed = rows.select("user_id", "login_number", *names).with_row_index("place", batch.rows.start)
    return _Heard(
        rows.select(*_OWN, "churned").hstack(trained.evidence.told(rows)),
        explain(rows, trained, features, usual),
        sums_of_peers(rows.select(names), peers.of_rows(batch.rows)),
        placed.gather_every(step),
    )


def _goals_and_segment(
    logins: Path,
    batch: Batch,
    found: Explanation,
    trained: TrainedModel,
    features: Sequence[Feature],
    peers: Peers,
    reach: Reach,
    parting: Parting,
    score: Score,
) -> tuple[pl.DataFrame, Ints]:
    rows = last_rows(logins, batch, ["login_number", *trained.features])
    goals = goals_told(
        rows, found.probability[batch.rows], trained, features, peers.of_rows(batch.rows), reach, score
    )
    return goals, parting.of(rows)


def profile_rows(
    own: pl.DataFrame,
    found: Explanation,
    trained: TrainedModel,
    features: Sequence[Feature],
    among: Among,
    apart: Floats,
    place: Floats,
) -> pl.DataFrame:
    """The profile of each user of `own`, in their order; `found` explains them.

    Columns: `user_id, login_day, login_number, ripe, window_days, login_probability, base_log_odds`, one column of
    log-odds for each dimension, `reason_1..3` (feature names) and `reason_1_text..3_text`, then those of
    `profile_columns`, and whether the user's own number can be trusted: `evidence`, `evidence_rate`,
    `evidence_text` (models.evidence). `apart` and `place`: (rows, DIMENSIONS) standard scores and percentiles among
    peers, who are the users of the same day, band and payment: what is known of them at that day is known of all.
    """
    causes = causes_told(found, features, among)
    return own.select(_OWN).hstack(
        [
            *numbers_told(found).rename({"probability": "login_probability"}),
            *reasons_told(found, features, among),
            *points_and_standing(found, trained.calibration, among, place),
            *causes,
            *plays_told(
                causes, apart, peers_pay(features, among), own["login_number"].to_numpy() >= _REGULAR
            ),
            *own.select("evidence", "evidence_rate", "evidence_text"),
        ]
    )


def write_styles(
    people: pl.DataFrame,
    churned: pl.Series,
    shapes: Floats,
    revenue: pl.DataFrame | None,
    styles: Styles,
    profiles: Path,
) -> None:
    """Write `people` with the styles of their `shapes` to `profiles`, and what the styles are."""
    groups = style_book.fitted(shapes, styles)
    former = None if styles.former is None else Path(styles.former)
    names, new = style_book.names_of(groups, former, styles.most_apart)
    style = [names[i] for i in groups.of(shapes)]
    told = people.with_columns(
        pl.Series("style", style, dtype=pl.String),
        pl.Series("style_before", style_book.moved(shapes, style, former), dtype=pl.String),
    )
    write_parquet(told, profiles / "profiles.parquet")
    known = told.with_columns(churned)
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


if __name__ == "__main__":
    main(run)
