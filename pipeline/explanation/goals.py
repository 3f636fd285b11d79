"""Goals in words: what a user would do, or find, at the next visit so that the risk falls, within what peers do.

Promise: a goal fits the user's play: it acts against the cause that the play is for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.actions import Action
from features.catalogue.roles import OPEN_REQUESTS
from features.define import Cause, Feature
from models.explanation.counterfactuals import NO_MOVE, UNFIT, Goals, Move, PeerReach, goals, peer_reach_of
from models.explanation.peers import Peers
from models.learning.evidence import THIN
from models.learning.list_model import ListModel
from models.learning.trained_model import TrainedModel
from pipeline.explanation.moves import moves_of

Floats = NDArray[np.float64]
OF_PEERS = "of peers"
"""In the text of a goal that peers reach, and not in that of what the company does."""
ON_RETURN = "once back: "
"""Before the goal of a user who is away, for what the user would do."""
LEAST_OF_PLAY_STYLE = 300
"""Users of one play style whose own values say what is within reach."""
LEAST_FALL = 0.005
"""A goal lowers the probability by this much at least: less does not show in whole percents."""
LEAST_PART = 0.1
"""A goal lowers the probability by this part of it at least."""
_LONGEST_AGO = 30
"""Days: what peers last did longer ago is no goal for the next visit."""
_MOST_COUNTED = 20
"""Nobody is asked for more of anything than this: "do 34 things here" is no goal."""
_PAID_BY = 0.5
"""Share of peers: nobody is asked to pay more than the median of peers."""
_LATEST = {0: "", 1: " or the day before"}
"""By days since peers did something what follows "on the last visit"."""
_BY_COMPANY = "SUPPORT_WAITS"
"""The cause against which the company acts, not the user."""


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
    trained: TrainedModel | ListModel,
    features: Sequence[Feature],
    peers: Peers,
    reach: Reach,
    profiles: pl.DataFrame,
    medium_from: float,
    served_by: Mapping[str, tuple[Cause, ...]],
) -> pl.DataFrame:
    """`goal_text`, `goal_probability` and `goal_instead_of` of each of `users`; null without a goal.

    `goal_probability` is that of the next login if the goal is reached, `goal_instead_of` if all stays as it is: both
    are the login model's, for a user who is away too, since what is done at the next visit cannot change the silence
    before it. They are predictions for such a user, and no promise that the action has this effect.

    `profiles`: of the users. Those with a `probability` from `medium_from` on or a `duty` may have a goal, if there is
    enough evidence and something that fits their `play` lowers the risk noticeably. `served_by`: by the code of a play
    the causes that a goal may act against, the best fit first; the other plays have no goal.
    """
    names = [feature.name for feature in features]
    login = trained.login if isinstance(trained, ListModel) else trained

    def predict(values: Floats) -> Floats:
        return login.predict(pl.DataFrame(values, schema=names))

    at_risk = (pl.col("probability") >= medium_from) | pl.col("duty")
    may = profiles.select((at_risk & (pl.col("evidence") != THIN)).fill_null(value=False)).to_series()
    chosen = np.flatnonzero(may & profiles["play"].is_in(list(served_by)))
    texts: list[str | None] = [None] * users.height
    then, before = np.full(users.height, np.nan), np.full(users.height, np.nan)
    if len(chosen):
        now = _matrix(users[chosen], names)
        risk = predict(now)
        enough = np.minimum(risk - LEAST_FALL, (1 - LEAST_PART) * risk)
        rank = _ranks(profiles["play"].gather(chosen), reach.actions, served_by)
        rank[np.ix_(_waits(users[chosen]), _of_later_answers(reach.actions))] = UNFIT
        best = goals(now, peers.group[chosen], reach.peers, rank, enough, predict)
        has_goal = (
            (best.move != NO_MOVE)
            & ~long_ago(best, reach.peers.moves)
            & ~too_dear(best, reach.actions)
            & ~too_many(best, reach.actions)
        )
        then[chosen] = np.where(has_goal, best.probability, np.nan)
        before[chosen] = np.where(has_goal, risk, np.nan)
        away = _away(profiles)[chosen]
        for i in np.flatnonzero(has_goal):
            action, move = reach.actions[best.move[i]], reach.peers.moves[best.move[i]]
            texts[chosen[i]] = _in_words(
                action, move, now[i, move.feature], best.target[i], best.share[i], away=away[i]
            )
    numbers = {"goal_probability": then, "goal_instead_of": before}
    return pl.DataFrame(
        [
            pl.Series("goal_text", texts, dtype=pl.String),
            *(pl.Series(name, of, dtype=pl.Float64).fill_nan(None) for name, of in numbers.items()),
        ]
    )


def long_ago(best: Goals, moves: Sequence[Move]) -> NDArray[np.bool_]:
    """(rows,) whether peers did what the goal names so long ago that it says nothing of what to do soon."""
    clocks = np.array([move.never_is_worst for move in moves], dtype=np.bool_)
    is_clock = np.zeros(len(best.move), dtype=np.bool_)
    is_clock[best.move != NO_MOVE] = clocks[best.move[best.move != NO_MOVE]]
    return is_clock & (best.target > _LONGEST_AGO)


def too_many(best: Goals, actions: Sequence[Action]) -> NDArray[np.bool_]:
    """(rows,) whether the goal counts more things than a person would be told to do."""
    counts = np.array([action.feature.form == "count" for action in actions], dtype=np.bool_)
    is_count = np.zeros(len(best.move), dtype=np.bool_)
    is_count[best.move != NO_MOVE] = counts[best.move[best.move != NO_MOVE]]
    return is_count & (best.target > _MOST_COUNTED)


def too_dear(best: Goals, actions: Sequence[Action]) -> NDArray[np.bool_]:
    """(rows,) whether the goal names an amount of money that fewer than half of the peers pay."""
    money = np.array([action.feature.form == "money" for action in actions], dtype=np.bool_)
    is_money = np.zeros(len(best.move), dtype=np.bool_)
    is_money[best.move != NO_MOVE] = money[best.move[best.move != NO_MOVE]]
    return is_money & (best.share < _PAID_BY)


def _ranks(
    plays: pl.Series, actions: Sequence[Action], served_by: Mapping[str, tuple[Cause, ...]]
) -> NDArray[np.int64]:
    """(plays, actions) how well each action fits each play: 0 is best, UNFIT: not at all."""
    causes = [action.feature.cause for action in actions]
    of_play = {
        play: [served.index(cause) if cause in served else UNFIT for cause in causes]
        for play, served in served_by.items()
    }
    return np.array([of_play[play] for play in plays], dtype=np.int64).reshape(len(plays), len(actions))


def _waits(users: pl.DataFrame) -> NDArray[np.bool_]:
    """(users,) whether a request of the user is open: then an answer to a later one is no goal."""
    if OPEN_REQUESTS not in users.columns:
        return np.zeros(users.height, dtype=np.bool_)
    return users[OPEN_REQUESTS].to_numpy() > 0


def _of_later_answers(actions: Sequence[Action]) -> NDArray[np.bool_]:
    """(actions,) whether the company would answer sooner the next time."""
    return np.array(
        [one.feature.cause == _BY_COMPANY and one.feature.goal_value is None for one in actions],
        dtype=np.bool_,
    )


def _away(profiles: pl.DataFrame) -> NDArray[np.bool_]:
    """(users,) whether the user has not come on the day of the profile."""
    if "silent_days" not in profiles.columns:
        return np.zeros(profiles.height, dtype=np.bool_)
    return profiles["silent_days"].to_numpy() > 0


def _in_words(action: Action, move: Move, now: float, target: float, share: float, *, away: bool) -> str:
    """ "two more goals reached this month, three in all, as 60% of peers do"; for a user who is `away`: "once back:
    three goals reached within a month, as 60% of peers do", since the month starts then.
    """
    before = ON_RETURN if away and action.feature.cause != _BY_COMPANY else ""
    words = action.in_words(now, target, afresh=away)
    if move.fixed is not None:
        return before + words
    peers = f"{100 * share:.0f}% {OF_PEERS}"
    if move.never_is_worst:
        or_before = _LATEST.get(round(target), f" or in the {target:.0f} days before")
        return f"{before}{words}, as on the last visit of {peers}{or_before}"
    if action.names_target:
        return f"{before}{words}, as for {peers}"
    in_all, more = action.amount(target), action.amount(target - now)
    return f"{before}{words}{'' if away or in_all == more else f', {in_all} in all'}, as {peers} do"


def _matrix(rows: pl.DataFrame, names: list[str]) -> Floats:
    return rows.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
