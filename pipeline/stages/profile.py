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

from features.advice.plays import BENEFITS
from features.define import DIMENSIONS, Feature
from models.explanation.peer_norms import PeerNorms, PeerPlacement, peer_norms
from models.explanation.peers import Peers, percentile_among_peers, standardised, sums_of_peers
from models.learning.trained_model import TrainedModel
from models.segmentation.styles import fit_styles, shapes_of
from pipeline.config.params import RiskBands, Styles, Value
from pipeline.crm.expected_revenue import revenue_before
from pipeline.errors import InputError
from pipeline.explanation.causes_and_plays import (
    benefits_of,
    cause_columns,
    play_columns,
    points_and_standing,
)
from pipeline.explanation.evidence import EVIDENCE_COLUMNS, evidence_columns
from pipeline.explanation.explain import (
    CAUSE_COLUMNS,
    PEERS_FILE,
    Explanation,
    explain,
    joined,
    numbers_told,
    reasons_told,
)
from pipeline.explanation.goals import goal_columns, reach_of
from pipeline.explanation.segments import parting_of, segments_told
from pipeline.explanation.styles import as_json, mean_scores, moved, names_of
from pipeline.learning.last_logins import USUAL, Batch, last_and_usual, last_rows, peers_in
from pipeline.log.facts import read_facts
from pipeline.runner.progress import with_progress
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    LOG_FACTS,
    LOGINS,
    PROFILES,
    SCORING_MODEL,
    SEGMENTS_REPORT,
)
from pipeline.storage.files import write_json
from pipeline.storage.frames import bucket_file, buckets_in, write_parquet
from pipeline.storage.model_folder import load_features, load_model
from pipeline.storage.styles_file import STYLES_FILE, read_styles

Floats = NDArray[np.float64]
_OWN = ("user_id", "login_day", "login_number", "ripe", "window_days")
_SAMPLE_USERS = 50_000
"""As many at most tell what peers reach, and where segments end."""


def run(
    styles: Styles,
    risk_bands: RiskBands,
    value: Value,
    model: In = SCORING_MODEL.path,
    logins: In = LOGINS.path,
    activity: In = ACTIVITY.path,
    facts_file: In = LOG_FACTS.path,
    profiles: Out = PROFILES.path,
    segments: Out = SEGMENTS_REPORT.path,
) -> None:
    """Write `profiles.parquet`, one row per user at the user's last login, `styles.json`, `peers.json`, segments."""
    trained, facts = load_model(model), read_facts(facts_file)
    features = load_features(model, trained)
    _check_there(logins, trained.features)

    peers, batches = peers_in(logins)
    all_of_them = _hear(logins, batches, trained, features, peers)
    found, sample = all_of_them.found, all_of_them.sample
    reach = reach_of(sample, features, peers.of_rows(sample["place"].to_numpy()))
    parting = parting_of(
        sample,
        found.probability[sample["place"].to_numpy()],
        features,
        depth=styles.segment_depth,
        least_share=styles.segment_share,
        seed=styles.seed,
    )
    apart, standings = (
        standardised(found.by_dimension, peers),
        percentile_among_peers(found.by_dimension, peers),
    )
    parts, segment = [], []
    for batch in with_progress(batches, "profile: goals and segments"):
        rows = last_rows(logins, batch, _wanted(logins, trained.features))
        theirs, own, group = found.of_rows(batch.rows), all_of_them.own[batch.rows], peers.of_rows(batch.rows)
        among = PeerPlacement(all_of_them.norms, group.group)
        told = profile_rows(
            rows, own, theirs, trained, features, among, apart[batch.rows], standings[batch.rows]
        )
        causes = told.select(CAUSE_COLUMNS)
        goals = goal_columns(
            rows,
            theirs.probability,
            trained,
            features,
            group,
            reach,
            causes,
            medium_from=risk_bands.medium_from,
            high_from=risk_bands.high_from,
        )
        parts.append(told.hstack(goals))
        segment.append(parting.of(rows))
    people = pl.concat(parts)
    in_order = people["user_id"].arg_sort()

    parted, of_user = segments_told(parting, np.concatenate(segment), found.probability)
    write_json(parted, segments)
    people = people.with_columns(pl.Series("segment", of_user, dtype=pl.Int32))
    write_parquet(people.select("user_id", "segment")[in_order], profiles / "segments.parquet")
    write_json(all_of_them.norms.as_json(), profiles / PEERS_FILE)
    revenue = revenue_before(activity, facts.log_start, facts.log_end, value.horizon_days)
    churned = all_of_them.own["churned"][in_order]
    write_styles(people[in_order], churned, apart[in_order], revenue, styles, profiles)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is kept of users: `sample` is every so many of them, with their `place` among all."""

    own: pl.DataFrame
    found: Explanation
    norms: PeerNorms
    sample: pl.DataFrame


def _hear(
    logins: Path, batches: Sequence[Batch], trained: TrainedModel, features: Sequence[Feature], peers: Peers
) -> _Heard:
    """What the model says of all users, and what is usual among them."""
    names = trained.features
    step = -(-len(peers.group) // _SAMPLE_USERS)
    own, found, usual, sample = [], [], [], []
    for batch in with_progress(batches, "profile"):
        rows = last_and_usual(logins, batch, names)
        own.append(rows.select(*_OWN, "churned").hstack(evidence_columns(rows, trained.evidence)))
        theirs = rows.select(pl.col(f"{USUAL}{name}").alias(name) for name in names)
        found.append(explain(rows, trained, features, theirs))
        usual.append(sums_of_peers(rows.select(names), peers.of_rows(batch.rows)))
        placed = rows.select("user_id", "login_number", *names).with_row_index("place", batch.rows.start)
        sample.append(placed.gather_every(step))
    together = joined(found)
    norms = peer_norms(reduce(add, usual), together.raised.weight, peers, names, together.raised.dimensions)
    return _Heard(pl.concat(own), together, norms, pl.concat(sample))


def _wanted(logins: Path, names: Sequence[str]) -> list[str]:
    """The columns of a last login that goals, segments and benefits are read from."""
    there = pl.read_parquet_schema(bucket_file(logins, buckets_in(logins)[0]))
    shows = (name for benefit in BENEFITS.values() for name in benefit.shown_by if name in there)
    return list(dict.fromkeys(["login_number", *names, *shows]))


def profile_rows(
    rows: pl.DataFrame,
    own: pl.DataFrame,
    found: Explanation,
    trained: TrainedModel,
    features: Sequence[Feature],
    among: PeerPlacement,
    apart: Floats,
    standings: Floats,
) -> pl.DataFrame:
    """The profile of each user of `own`, in their order; `rows` are their last login rows, `found` explains them.

    Columns: `user_id, login_day, login_number, ripe, window_days, login_probability, base_log_odds`, one column of
    log-odds for each dimension, `reason_1..3` (feature names) and `reason_1_text..3_text`, then those of
    `profile_columns`, and `EVIDENCE_COLUMNS`. `apart`, `standings`: (rows, DIMENSIONS) standard scores and percentiles
    among peers, who are the users of the same day, band and payment: what is known of them at that day is known of all.
    """
    reasons = found.reasons(among)
    causes = cause_columns(reasons, features)
    benefits = benefits_of(rows, causes, found.by_dimension, apart)
    return own.select(_OWN).hstack(
        [
            *numbers_told(found).rename({"probability": "login_probability"}),
            *reasons_told(reasons, features),
            *points_and_standing(found, trained.calibration, among, standings),
            *causes,
            *play_columns(causes, benefits),
            *own.select(EVIDENCE_COLUMNS),
        ]
    )


def write_styles(
    people: pl.DataFrame,
    churned: pl.Series,
    apart: Floats,
    revenue: pl.DataFrame | None,
    styles: Styles,
    profiles: Path,
) -> None:
    """Write `people` with their styles to `profiles`, and what the styles are.

    `apart`: (users, DIMENSIONS) standard scores among peers.
    """
    shapes = shapes_of(apart)
    groups = fit_styles(
        shapes, DIMENSIONS, least=styles.least, most=styles.most, bootstrap=styles.bootstrap, seed=styles.seed,
        least_stability=styles.least_stability,
    )  # fmt: skip
    former = None if styles.former is None else read_styles(Path(styles.former))
    place = groups.of(shapes)
    scores = mean_scores(groups, apart, place)
    names, new = names_of(groups, scores, former, styles.most_apart)
    style = [names[i] for i in place]
    told = people.with_columns(
        pl.Series("style", style, dtype=pl.String),
        pl.Series("style_before", moved(shapes, style, former), dtype=pl.String),
    )
    write_parquet(told, profiles / "profiles.parquet")
    known = told.with_columns(churned)
    if revenue is not None:
        known = known.join(revenue, on="user_id", how="left", maintain_order="left").with_columns(
            pl.col("expected_revenue").fill_null(0.0)
        )
    write_json(as_json(groups, names, new, scores, known), profiles / STYLES_FILE)


def _check_there(logins: Path, names: Sequence[str]) -> None:
    there = pl.read_parquet_schema(bucket_file(logins, buckets_in(logins)[0]))
    gone = [name for name in names if name not in there]
    if gone:
        raise InputError(
            f"{logins}: the model was trained with {', '.join(gone[:3])}, {len(gone)} features in all that this "
            "log is too short for, or tells nothing of.\n"
            "Give a log as long and as full as the one it was trained on, or train again."
        )


if __name__ == "__main__":
    main(run)
