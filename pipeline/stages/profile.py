"""Stage `profile`: the profile of each user: dimensions of risk, reasons in words, a goal, a style and a segment.

Promise: memory holds one batch of users' login rows and some numbers of every user, never all login rows.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.contract.model import Contract
from features.define import DIMENSIONS, Feature
from models.segmentation.styles import fit_styles, shapes_of
from pipeline.config.sections import Define, List, Log, Plays, RiskBands, Styles, Value
from pipeline.crm.expected_revenue import expected_revenue
from pipeline.crm.plays_file import load_plays
from pipeline.explanation.explain import PEERS_FILE
from pipeline.explanation.explained_users import ROW, explained_users, profiles_of
from pipeline.explanation.play_facts import Advice
from pipeline.explanation.play_styles import NamedPlay, changed_share, named_play, play_columns
from pipeline.explanation.play_styles import as_json as play_as_json
from pipeline.explanation.profiles import KEYS, StandsOut
from pipeline.explanation.segments import fit_segment_tree, segments_report
from pipeline.explanation.styles import styled_profiles
from pipeline.learning.gates import refuse_lacking_features
from pipeline.learning.last_logins import LastLogins, store_last_logins
from pipeline.learning.list_numbers import list_numbers
from pipeline.learning.play_counts import PLAY_DAYS, play_counts
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import LogFacts, read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    ANONYMOUS,
    LISTED,
    LOG_FACTS,
    LOGINS,
    PROFILES,
    SCORING_MODEL,
    SEGMENTS_REPORT,
)
from pipeline.storage.files import write_json
from pipeline.storage.frames import write_parquet
from pipeline.storage.model_folder import LOGIN, load_features, load_models
from pipeline.storage.styles_file import PLAY_STYLES_FILE, STYLES_FILE, read_play_styles, read_styles

_SCRATCH = ".last_logins"


@dataclass(frozen=True, slots=True)
class _Play:
    """The play styles, what each user did, the columns of the profiles, and the share of users who changed."""

    play: NamedPlay
    counts: NDArray[np.float64]
    columns: pl.DataFrame
    changed: float | None


def run(
    log: Log,
    styles: Styles,
    risk_bands: RiskBands,
    value: Value,
    define: Define,
    list: List,  # noqa: A002  # the section's name
    plays: Plays,
    model: In = SCORING_MODEL.path,
    logins: In = LOGINS.path,
    anonymous: In = ANONYMOUS.path,
    listed: In = LISTED.path,
    activity: In = ACTIVITY.path,
    facts_file: In = LOG_FACTS.path,
    profiles: Out = PROFILES.path,
    segments: Out = SEGMENTS_REPORT.path,
) -> None:
    """Write `profiles.parquet`, one row per user at the user's last login, styles, play styles, peers and segments.

    Raises InputError when the login rows lack a feature of the model, ContractError when the contract is invalid.
    """
    contract = load_contract(log.contract)
    of_file = load_plays(plays, contract, list.carry)
    models, facts = load_models(model), read_facts(facts_file)
    trained = models.login
    features = load_features(model / LOGIN, trained.features)
    refuse_lacking_features(logins, trained.features)
    last = store_last_logins(logins, anonymous, trained.features, profiles / _SCRATCH)
    users, sample = explained_users(last, trained, features, (*KEYS, "churned"), "profile")
    play = _play(users.known, contract, activity, facts, styles)
    numbers = list_numbers(listed, models).filter("within").select("user_id", "probability")
    of_list = users.known.select("user_id").join(numbers, on="user_id", how="left", maintain_order="left")
    risk = of_list["probability"].fill_null(np.nan).to_numpy()
    report, segment = _segments(last, risk, users.explanation.probability, sample, features, styles)
    # What is known on the list's day, such as the plan or the last answer, may not have been known at the last login.
    beside = pl.DataFrame([play.columns["play_style"], segment])
    people = profiles_of(
        last, users, sample, trained, features, "profile", StandsOut(newcomer_logins=define.newcomer_logins),
        Advice(of_file, beside, risk_bands.medium_from, risk_bands.high_from),
    ).drop("duty", "facts").rename({"probability": "login_probability"})  # fmt: skip
    shutil.rmtree(last.folder)
    by_id = people["user_id"].arg_sort()
    people = people.with_columns(segment)[by_id]
    write_parquet(people.select("user_id", "segment"), profiles / "segments.parquet")
    write_json(report, segments)
    write_json(users.reference.as_json(), profiles / PEERS_FILE)
    revenue = expected_revenue(listed, model, value.horizon_days).users
    known = _outcomes(people, users.known["churned"][by_id], revenue)
    order = by_id.to_numpy()
    scores, told = users.z_scores[order], users.explanation.told[order]
    styled, described = _with_styles(people, known, scores, told, styles)
    styled = styled.hstack(play.columns[by_id])
    described_play = play_as_json(
        play.play, play.counts[order], play.changed, styled.hstack(known.select("churned"))
    )
    write_parquet(styled, profiles / "profiles.parquet")
    write_json(described_play, profiles / PLAY_STYLES_FILE)
    write_json(described, profiles / STYLES_FILE)


def _segments(
    last: LastLogins,
    risk: NDArray[np.float64],
    at_login: NDArray[np.float64],
    sample: pl.DataFrame,
    features: Sequence[Feature],
    styles: Styles,
) -> tuple[dict[str, Any], pl.Series]:
    """The content of `reports/segments.json`, and the `segment` of each user.

    `risk`: (users,) the number of the list, NaN for users who are not on it; they do not shape the segments, unless
    there is no list. `at_login`: (users,) the probability at the last login.
    """
    of_sample = risk[sample[ROW].to_numpy()]
    on_list = ~np.isnan(of_sample)
    if not on_list.any():
        of_sample, on_list = at_login[sample[ROW].to_numpy()], np.ones(len(of_sample), dtype=bool)
    tree = fit_segment_tree(
        sample.filter(pl.Series(on_list)), of_sample[on_list], features,
        depth=styles.segment_depth, least_share=styles.segment_share, seed=styles.seed,
    )  # fmt: skip
    index = np.concatenate([tree.of(last.read(batch, tree.columns)) for batch in last.batches])
    report, segment = segments_report(tree, index, risk)
    return report, pl.Series("segment", segment, dtype=pl.Int32)


def _outcomes(people: pl.DataFrame, churned: pl.Series, revenue: pl.DataFrame | None) -> pl.DataFrame:
    """`churned`, and `expected_revenue` if the log has amounts, of each of `people`."""
    if revenue is None:
        return churned.to_frame()
    joined_revenue = people.select("user_id").join(revenue, on="user_id", how="left", maintain_order="left")
    return churned.to_frame().hstack([joined_revenue["expected_revenue"].fill_null(0.0)])


def _with_styles(
    people: pl.DataFrame,
    known: pl.DataFrame,
    z_scores: NDArray[np.float64],
    told: NDArray[np.bool_],
    asked: Styles,
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """`styled_profiles` with the styles of the day, fitted as the section `styles` asks."""
    styles = fit_styles(
        shapes_of(z_scores), DIMENSIONS, least=asked.least, most=asked.most, bootstrap=asked.bootstrap,
        seed=asked.seed, least_stability=asked.least_stability,
    )  # fmt: skip
    former = None if asked.former is None else read_styles(Path(asked.former))
    return styled_profiles(people, known, z_scores, told, styles, former, asked.most_apart)


def _play(people: pl.DataFrame, contract: Contract, activity: Path, facts: LogFacts, asked: Styles) -> _Play:
    """How each of `people` uses the product, by what they did up to their last logins."""
    former = (
        None if asked.former is None else read_play_styles(Path(asked.former).with_name(PLAY_STYLES_FILE))
    )
    of_former = None if former is None else former.styles.dimensions
    done = play_counts(activity, contract, facts.log_end, of_former)
    counts = done.of(people["user_id"])
    play = named_play(
        counts, done.uses, done.words, PLAY_DAYS, former, most_apart=asked.most_apart, least=asked.least,
        most=asked.most, bootstrap=asked.bootstrap, seed=asked.seed, least_stability=asked.least_stability,
    )  # fmt: skip
    came = (people["login_day"] == facts.log_end).to_numpy()
    earlier = play_counts(activity, contract, facts.log_end - timedelta(days=1), done.uses)
    before = earlier.of(people["user_id"].filter(pl.Series(came)))
    return _Play(
        play,
        counts,
        play_columns(play, counts, former),
        changed_share(play.of(before), play.of(counts[came])),
    )


if __name__ == "__main__":
    main(run)
