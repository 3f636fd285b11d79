"""Stage `profile`: for each user which dimensions raise or lower the risk, why in words, and who is alike.

Promise: memory holds one batch of users' login rows and some numbers of every user, never all login rows.
"""

import shutil
from collections.abc import Sequence
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.plays import BENEFITS
from features.define import DIMENSIONS, Feature
from models.explanation.peer_norms import peer_norms
from models.explanation.peers import sums_of_peers
from models.learning.trained_model import TrainedModel
from models.segmentation.styles import fit_styles, shapes_of
from models.thinning import step_to_at_most
from pipeline.config.params import RiskBands, Styles, Value
from pipeline.crm.expected_revenue import revenue_before
from pipeline.errors import InputError
from pipeline.explanation.evidence import evidence_columns
from pipeline.explanation.explain import (
    CAUSE_COLUMNS,
    PEERS_FILE,
    explain,
    joined,
)
from pipeline.explanation.goals import goal_columns, reach_of
from pipeline.explanation.profiles import KEYS, ExplainedUsers, among_peers, profile_rows
from pipeline.explanation.segments import parting_of, segments_report
from pipeline.explanation.styles import as_json, mean_scores, moved, names_of
from pipeline.learning.last_logins import USUAL, LastLogins, store_last_logins
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
from pipeline.storage.frames import columns_of, write_parquet
from pipeline.storage.model_folder import load_features, load_model
from pipeline.storage.styles_file import STYLES_FILE, read_styles

Floats = NDArray[np.float64]
_SCRATCH = ".last_logins"
_ROW = "row"
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
    _check_features(logins, trained.features)
    last = store_last_logins(logins, trained.features, profiles / _SCRATCH)
    users, sample = _explained(last, trained, features)
    people = _with_segments(
        _profiles(last, users, sample, trained, features, risk_bands),
        last,
        users,
        sample,
        features,
        styles,
        segments,
    )
    shutil.rmtree(last.folder)
    in_order = people["user_id"].arg_sort()
    write_parquet(people.select("user_id", "segment")[in_order], profiles / "segments.parquet")
    write_json(users.norms.as_json(), profiles / PEERS_FILE)
    revenue = revenue_before(activity, facts.log_start, facts.log_end, value.horizon_days)
    churned = users.known["churned"][in_order]
    write_styles(people[in_order], churned, users.z_scores[in_order], revenue, styles, profiles)


def _explained(
    last: LastLogins, trained: TrainedModel, features: Sequence[Feature]
) -> tuple[ExplainedUsers, pl.DataFrame]:
    """What the model says of all users; and 50,000 of them at most at their last logins, with their `row` among all."""
    names = trained.features
    step = step_to_at_most(len(last.peers.group), _SAMPLE_USERS)
    known, explanations, sums, sample = [], [], [], []
    for batch in with_progress(last.batches, "profile"):
        rows = last.read(batch)
        known.append(rows.select(*KEYS, "churned").hstack(evidence_columns(rows, trained.evidence)))
        usual = rows.select(pl.col(f"{USUAL}{name}").alias(name) for name in names)
        explanations.append(explain(rows, trained, features, usual))
        sums.append(sums_of_peers(rows.select(names), last.peers.of_rows(batch.rows)))
        numbered = rows.select("user_id", "login_number", *names).with_row_index(_ROW, batch.rows.start)
        sample.append(numbered.gather_every(step))
    explanation = joined(explanations)
    raised = explanation.raised
    norms = peer_norms(reduce(add, sums), raised.weight, last.peers, names, raised.dimensions)
    return among_peers(pl.concat(known), explanation, last.peers, norms), pl.concat(sample)


def _profiles(
    last: LastLogins,
    users: ExplainedUsers,
    sample: pl.DataFrame,
    trained: TrainedModel,
    features: Sequence[Feature],
    bands: RiskBands,
) -> pl.DataFrame:
    """The profiles of all users with their goals, in the order of `users`."""
    reach = reach_of(sample, features, users.peers.of_rows(sample[_ROW].to_numpy()))
    benefits = (name for benefit in BENEFITS.values() for name in benefit.shown_by)
    columns = list(dict.fromkeys(["login_number", *trained.features, *last.having(benefits)]))
    found = []
    for batch in with_progress(last.batches, "profile: goals"):
        rows, some = last.read(batch, columns), users.of_rows(batch.rows)
        profiles = profile_rows(rows, some, trained, features)
        goals = goal_columns(
            rows, some.explanation.probability, trained, features, some.peers, reach, profiles.select(CAUSE_COLUMNS),
            medium_from=bands.medium_from, high_from=bands.high_from,
        )  # fmt: skip
        found.append(profiles.hstack(goals))
    return pl.concat(found)


def _with_segments(
    people: pl.DataFrame,
    last: LastLogins,
    users: ExplainedUsers,
    sample: pl.DataFrame,
    features: Sequence[Feature],
    styles: Styles,
    report: Path,
) -> pl.DataFrame:
    """`people` with their `segment`; writes what the segments are to `report`."""
    probability = users.explanation.probability
    parting = parting_of(
        sample, probability[sample[_ROW].to_numpy()], features,
        depth=styles.segment_depth, least_share=styles.segment_share, seed=styles.seed,
    )  # fmt: skip
    place = np.concatenate([parting.of(last.read(batch, parting.asked)) for batch in last.batches])
    content, segment = segments_report(parting, place, probability)
    write_json(content, report)
    return people.with_columns(pl.Series("segment", segment, dtype=pl.Int32))


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


def _check_features(logins: Path, names: Sequence[str]) -> None:
    columns = columns_of(logins)
    gone = [name for name in names if name not in columns]
    if gone:
        raise InputError(
            f"{logins}: the model was trained with {', '.join(gone[:3])}, {len(gone)} features in all that these "
            "login rows lack.\n"
            "Give a log as long and as full as the one it was trained on, or train again."
        )


if __name__ == "__main__":
    main(run)
