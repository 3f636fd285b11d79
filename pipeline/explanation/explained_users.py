"""All users explained, a batch at a time: at their last logins by the login model, or on a list by the list model.

Promise: memory holds one batch of rows and some numbers of every user.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import Protocol, TypeVar

import polars as pl

from features.advice.benefits import BENEFITS
from features.define import Feature
from models.explanation.peer_reference import PeerPlacement, peer_reference
from models.explanation.peers import USUAL, Peers, divided, sums_of_peers
from models.learning.list_model import ListModel
from models.learning.trained_model import TrainedModel
from models.thinning import step_to_at_most
from pipeline.explanation.evidence import evidence_columns
from pipeline.explanation.explain import explain, joined
from pipeline.explanation.goals import LEAST_OF_PLAY_STYLE, goal_columns, reach_of
from pipeline.explanation.play_facts import OF_ROWS, Advice
from pipeline.explanation.profiles import ExplainedUsers, StandsOut, among_peers, profile_rows

ROW = "row"
_SAMPLE_USERS = 50_000
"""At most this many users give the reach of peers, and fit the segments."""
BatchT = TypeVar("BatchT", bound="HasRows")


class HasRows(Protocol):
    """A batch of users: the positions of their rows."""

    @property
    def rows(self) -> slice: ...


class UserRows(Protocol[BatchT]):
    """One row per user, read in batches; `usual:NAME` is the user's usual value of a feature."""

    @property
    def peers(self) -> Peers: ...

    def each(self, saying: str) -> Iterable[BatchT]: ...

    def having(self, names: Iterable[str]) -> list[str]: ...

    def read(self, batch: BatchT, columns: Sequence[str] | None = None) -> pl.DataFrame: ...


def explained_users(
    users: UserRows[BatchT],
    trained: TrainedModel | ListModel,
    features: Sequence[Feature],
    keys: Sequence[str],
    saying: str,
) -> tuple[ExplainedUsers, pl.DataFrame]:
    """All users explained, and the rows of at most 50,000 of them, with their `row` among all.

    `keys`: the columns of the rows that are kept. `saying`: the name of the progress shown.
    """
    names = trained.features
    step = step_to_at_most(len(users.peers.group), _SAMPLE_USERS)
    sums = [
        sums_of_peers(users.read(batch, names).select(names), users.peers.of_rows(batch.rows))
        for batch in users.each(f"{saying}: peers")
    ]
    reference = peer_reference(reduce(add, sums), users.peers, names)
    known, explanations, sample = [], [], []
    for batch in users.each(saying):
        rows = users.read(batch)
        known.append(rows.select(keys).hstack(evidence_columns(rows, trained.evidence)))
        usual = rows.select(pl.col(f"{USUAL}{name}").alias(name) for name in names)
        placement = PeerPlacement(reference, users.peers.of_rows(batch.rows).group)
        explanations.append(explain(rows, trained, features, placement, usual))
        numbered = rows.select("user_id", "login_number", *names).with_row_index(ROW, batch.rows.start)
        sample.append(numbered.gather_every(step))
    explanation = joined(explanations)
    raised = explanation.raised
    reference = reference.with_spread(raised.weight, users.peers, raised.dimensions)
    return among_peers(pl.concat(known), explanation, users.peers, reference), pl.concat(sample)


def profiles_of(
    users: UserRows[BatchT],
    explained: ExplainedUsers,
    sample: pl.DataFrame,
    trained: TrainedModel | ListModel,
    features: Sequence[Feature],
    saying: str,
    enough: StandsOut,
    advice: Advice,
) -> pl.DataFrame:
    """The profiles of all `explained` users with their goals, in their order. `sample`: of `explained_users`.

    `advice`: what plays are chosen from, with the `play_style` of each user; a goal is what peers of the same play
    style reach, where these are enough.
    """
    goal_peers = divided(explained.peers, advice.beside["play_style"], LEAST_OF_PLAY_STYLE)
    reach = reach_of(sample, features, goal_peers.of_rows(sample[ROW].to_numpy()))
    benefits = (name for shown_by in BENEFITS.values() for name in shown_by)
    columns = list(dict.fromkeys(["login_number", *trained.features, *users.having([*benefits, *OF_ROWS])]))
    parts = []
    for batch in users.each(f"{saying}: goals"):
        rows, of_batch = users.read(batch, columns), explained.of_rows(batch.rows)
        profiles = profile_rows(rows, of_batch, features, enough, advice.of_rows(batch.rows))
        goals = goal_columns(
            rows, trained, features, goal_peers.of_rows(batch.rows), reach, profiles, advice.medium_from,
            advice.plays.goals,
        )  # fmt: skip
        parts.append(profiles.hstack(goals))
    return pl.concat(parts)
