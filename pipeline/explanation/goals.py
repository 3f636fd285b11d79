"""Goals in words: actions that would lower the predicted risk of a user, within what peers do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.actions import Action
from features.advice.causes import BY_CODE
from features.define import Feature
from models.explanation.attribution import attribution
from models.explanation.counterfactuals import NO_MOVE, Goals, Move, PeerReach, goals, peer_reach_of
from models.explanation.peers import Peers
from models.learning.list_model import ListModel
from models.learning.trained_model import TrainedModel
from pipeline.explanation.moves import moves_of

Floats = NDArray[np.float64]
OF_PEERS = "of peers"
"""In the text of a goal that peers reach, and not in that of what the company does."""
LEAST_OF_PLAY_STYLE = 300
"""Users of one play style whose own values say what is within reach."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The possible actions, in words and in numbers, and the values that peers reach with each."""

    actions: Sequence[Action]
    peers: PeerReach


def reach_of(users: pl.DataFrame, features: Sequence[Feature], peers: Peers) -> Reach:
    """The reach of `users`, by group of `peers`. `users`: all users, or a sample of them."""
    values = _matrix(users, [feature.name for feature in features])
    actions, moves = moves_of(features, values)
    return Reach(actions, peer_reach_of(values, peers.group, len(peers.names), moves))


def goal_columns(
    users: pl.DataFrame,
    probability: Floats,
    trained: TrainedModel | ListModel,
    features: Sequence[Feature],
    peers: Peers,
    reach: Reach,
    causes: pl.DataFrame,
    *,
    medium_from: float,
    high_from: float,
) -> pl.DataFrame:
    """`goal_text` and `goal_probability` of each of `users`; null below `medium_from` or without a goal.

    A goal brings the probability (of the login, or of the list) below the lower edge of its band. If possible it acts
    against the first of the user's `causes` (`cause_1..3`), as the play does. It is a prediction for such a user, and
    no promise that the action has this effect.
    """
    names = [feature.name for feature in features]
    edge = np.where(probability >= high_from, high_from, medium_from)
    texts: list[str | None] = [None] * users.height
    risk = np.full(users.height, np.nan)
    at_risk = np.flatnonzero(probability >= medium_from)

    def predict(values: Floats) -> Floats:
        return trained.predict(pl.DataFrame(values, schema=names))

    chosen = users[at_risk]
    dimensions = [
        None if code is None else BY_CODE[code].dimension
        for code in causes[at_risk].select(pl.coalesce(pl.all())).to_series()
    ]
    raising = attribution(chosen, trained).values
    now = _matrix(chosen, names)
    best = goals(now, raising, peers.group[at_risk], reach.peers, edge[at_risk], predict, dimensions)
    risk[at_risk] = best.probability
    for index, row in enumerate(at_risk):
        texts[row] = _in_words(best, index, now[index], reach.actions, reach.peers.moves)
    probabilities = pl.Series("goal_probability", risk, dtype=pl.Float64).fill_nan(None)
    return pl.DataFrame([pl.Series("goal_text", texts, dtype=pl.String), probabilities])


def _in_words(
    best: Goals, row: int, now: Floats, actions: Sequence[Action], moves: Sequence[Move]
) -> str | None:
    """ "two more goals reached this month, three in all, as 60% of peers do"; two actions are joined by "and"."""
    texts = [
        actions[i].in_words(now[moves[i].feature], target)
        + _beside_peers(actions[i], moves[i], now[moves[i].feature], target, share)
        for i, target, share in zip(best.moves[row], best.targets[row], best.shares[row], strict=True)
        if i != NO_MOVE
    ]
    return ", and ".join(texts) or None


def _beside_peers(action: Action, move: Move, now: float, target: float, share: float) -> str:
    """The value that the action leads to, and the share of peers that reach it; "" for an action of the company."""
    if move.fixed is not None:
        return ""
    peers = f"{100 * share:.0f}% {OF_PEERS}"
    if move.never_is_worst:
        within = {0: "the same day", 1: "within a day"}.get(round(target), f"within {target:.0f} days")
        return f", as {peers} did {within}"
    if action.names_target:
        return f", as for {peers}"
    in_all, more = action.amount(target), action.amount(target - now)
    return f", as {peers} do" if in_all == more else f", {in_all} in all, as {peers} do"


def _matrix(rows: pl.DataFrame, names: list[str]) -> Floats:
    return rows.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
