"""Stage `profile`: the profile of each user: dimensions of risk, reasons in words, a goal, a style and a segment.

Promise: memory holds one batch of users' login rows and some numbers of every user, never all login rows.
"""

import shutil
from collections.abc import Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.plays import BENEFITS
from features.define import DIMENSIONS, Feature
from models.explanation.peer_reference import peer_reference
from models.explanation.peers import sums_of_peers
from models.learning.trained_model import TrainedModel
from models.segmentation.styles import fit_styles, shapes_of
from models.thinning import step_to_at_most
from pipeline.config.sections import RiskBands, Styles, Value
from pipeline.crm.expected_revenue import revenue_before
from pipeline.explanation.evidence import evidence_columns
from pipeline.explanation.explain import (
    CAUSE_COLUMNS,
    PEERS_FILE,
    explain,
    joined,
)
from pipeline.explanation.goals import goal_columns, reach_of
from pipeline.explanation.profiles import KEYS, ExplainedUsers, among_peers, profile_rows
from pipeline.explanation.segments import fit_segment_tree, segments_report
from pipeline.explanation.styles import styled_profiles
from pipeline.learning.gates import refuse_lacking_features
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
from pipeline.storage.frames import write_parquet
from pipeline.storage.model_folder import load_features, load_model
from pipeline.storage.styles_file import STYLES_FILE, read_styles

_SCRATCH = ".last_logins"
_ROW = "row"
_SAMPLE_USERS = 50_000
"""At most this many users give the reach of peers, and fit the segments."""


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
    """Write `profiles.parquet`, one row per user at the user's last login, `styles.json`, `peers.json` and segments.

    Raises InputError when the login rows lack a feature of the model.
    """
    trained, facts = load_model(model), read_facts(facts_file)
    features = load_features(model, trained)
    refuse_lacking_features(logins, trained.features)
    last = store_last_logins(logins, trained.features, profiles / _SCRATCH)
    users, sample = _explained(last, trained, features)
    people = _profiles(last, users, sample, trained, features, risk_bands)
    report, segment = _segments(last, users, sample, features, styles)
    shutil.rmtree(last.folder)
    by_id = people["user_id"].arg_sort()
    people = people.with_columns(segment)[by_id]
    write_parquet(people.select("user_id", "segment"), profiles / "segments.parquet")
    write_json(report, segments)
    write_json(users.reference.as_json(), profiles / PEERS_FILE)
    revenue = revenue_before(activity, facts.log_start, facts.log_end, value.horizon_days)
    known = _outcomes(people, users.known["churned"][by_id], revenue)
    styled, described = _with_styles(people, known, users.z_scores[by_id], styles)
    write_parquet(styled, profiles / "profiles.parquet")
    write_json(described, profiles / STYLES_FILE)


def _explained(
    last: LastLogins, trained: TrainedModel, features: Sequence[Feature]
) -> tuple[ExplainedUsers, pl.DataFrame]:
    """All users explained, and the last logins of at most 50,000 of them, with their `row` among all."""
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
    reference = peer_reference(reduce(add, sums), raised.weight, last.peers, names, raised.dimensions)
    return among_peers(pl.concat(known), explanation, last.peers, reference), pl.concat(sample)


def _profiles(
    last: LastLogins,
    users: ExplainedUsers,
    sample: pl.DataFrame,
    trained: TrainedModel,
    features: Sequence[Feature],
    bands: RiskBands,
) -> pl.DataFrame:
    """The profiles of all `users` with their goals, in their order."""
    reach = reach_of(sample, features, users.peers.of_rows(sample[_ROW].to_numpy()))
    benefits = (name for benefit in BENEFITS.values() for name in benefit.shown_by)
    columns = list(dict.fromkeys(["login_number", *trained.features, *last.having(benefits)]))
    parts = []
    for batch in with_progress(last.batches, "profile: goals"):
        rows, batch_users = last.read(batch, columns), users.of_rows(batch.rows)
        profiles = profile_rows(rows, batch_users, trained, features)
        goals = goal_columns(
            rows, batch_users.explanation.probability, trained, features, batch_users.peers, reach,
            profiles.select(CAUSE_COLUMNS),
            medium_from=bands.medium_from, high_from=bands.high_from,
        )  # fmt: skip
        parts.append(profiles.hstack(goals))
    return pl.concat(parts)


def _segments(
    last: LastLogins,
    users: ExplainedUsers,
    sample: pl.DataFrame,
    features: Sequence[Feature],
    styles: Styles,
) -> tuple[dict[str, Any], pl.Series]:
    """The content of `reports/segments.json`, and the `segment` of each of `users`."""
    probability = users.explanation.probability
    tree = fit_segment_tree(
        sample, probability[sample[_ROW].to_numpy()], features,
        depth=styles.segment_depth, least_share=styles.segment_share, seed=styles.seed,
    )  # fmt: skip
    index = np.concatenate([tree.of(last.read(batch, tree.columns)) for batch in last.batches])
    report, segment = segments_report(tree, index, probability)
    return report, pl.Series("segment", segment, dtype=pl.Int32)


def _outcomes(people: pl.DataFrame, churned: pl.Series, revenue: pl.DataFrame | None) -> pl.DataFrame:
    """`churned`, and `expected_revenue` if the log has amounts, of each of `people`."""
    if revenue is None:
        return churned.to_frame()
    joined_revenue = people.select("user_id").join(revenue, on="user_id", how="left", maintain_order="left")
    return churned.to_frame().hstack([joined_revenue["expected_revenue"].fill_null(0.0)])


def _with_styles(
    people: pl.DataFrame, known: pl.DataFrame, z_scores: NDArray[np.float64], asked: Styles
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """`styled_profiles` with the styles of the day, fitted as the section `styles` asks."""
    styles = fit_styles(
        shapes_of(z_scores), DIMENSIONS, least=asked.least, most=asked.most, bootstrap=asked.bootstrap,
        seed=asked.seed, least_stability=asked.least_stability,
    )  # fmt: skip
    former = None if asked.former is None else read_styles(Path(asked.former))
    return styled_profiles(people, known, z_scores, styles, former, asked.most_apart)


if __name__ == "__main__":
    main(run)
