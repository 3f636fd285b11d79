"""Profiles: the explained prediction for each user at the last login, against peers, in numbers and in words.

Promise: the values of one user stay together: all columns and arrays of `ExplainedUsers` have one order of rows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.choice import chosen_plays
from features.define import Feature
from models.explanation.peer_reference import PeerPlacement, PeerReference
from models.explanation.peers import Peers, percentile_among_peers, standardised
from models.learning.evidence import THIN
from pipeline.explanation.causes_and_plays import (
    benefits_of,
    cause_columns,
    duties,
    points_and_standing,
)
from pipeline.explanation.evidence import EVIDENCE_COLUMNS
from pipeline.explanation.explain import Explanation, number_columns, reason_columns, told_once
from pipeline.explanation.play_facts import Advice, play_facts

Floats = NDArray[np.float64]
KEYS = ("user_id", "login_day", "login_number", "ripe", "window_days")
"""The columns of a login row that a profile keeps."""
LIST_KEYS = ("user_id", "as_of", "login_day", "login_number", "silent_days", "window_days")
"""The columns of a row of the list that a profile keeps."""


@dataclass(frozen=True, slots=True)
class ExplainedUsers:
    """Users at their last logins, explained.

    `known`: `KEYS` and `churned`, or `LIST_KEYS`, and `EVIDENCE_COLUMNS`. `reference`: the usual values of each group
    of `peers`. `z_scores`, `percentiles`: (users, dimensions) each contribution's standard score and percentile (0 to
    100) among peers.
    """

    known: pl.DataFrame
    explanation: Explanation
    peers: Peers
    reference: PeerReference
    z_scores: Floats
    percentiles: Floats

    def of_rows(self, rows: slice) -> "ExplainedUsers":
        """Some of the users."""
        return ExplainedUsers(
            self.known[rows],
            self.explanation.of_rows(rows),
            self.peers.of_rows(rows),
            self.reference,
            self.z_scores[rows],
            self.percentiles[rows],
        )


def among_peers(
    known: pl.DataFrame, explanation: Explanation, peers: Peers, reference: PeerReference
) -> ExplainedUsers:
    """All users, each compared with all of their peers."""
    contributions = explanation.by_dimension
    z_scores, percentiles = standardised(contributions, peers), percentile_among_peers(contributions, peers)
    return ExplainedUsers(known, explanation, peers, reference, z_scores, percentiles)


@dataclass(frozen=True, slots=True)
class StandsOut:
    """What is enough to be told and to be acted upon.

    `least_points`: points of probability from which a dimension is a reason. `play_from`: the probability above which a
    user has a cause and may have a play. `answer_days`: from so many days on an
    open request must be answered, whatever the probability. `newcomer_logins`: a user with fewer logins has the causes
    of a newcomer.
    """

    least_points: float = 0.0
    play_from: float = 0.0
    answer_days: float = math.inf
    newcomer_logins: int = 0


def profile_rows(
    rows: pl.DataFrame, users: ExplainedUsers, features: Sequence[Feature], enough: StandsOut, advice: Advice
) -> pl.DataFrame:
    """The profile of each of `users`, in their order; `rows`: those that were explained.

    Columns: the keys, `probability`, `base_log_odds`, one column of log-odds for each dimension, `reason_1..3`
    (feature names) and `reason_1_text..3_text`, then those of `causes_and_plays`, `play` and `next_step`, `duty`,
    `EVIDENCE_COLUMNS` and `facts`, a struct of what plays are chosen from. Peers are the users of the same day, band of
    logins and payment.
    """
    explanation, placement = users.explanation, PeerPlacement(users.reference, users.peers.group)
    reasons = told_once(explanation.reasons(placement, enough.least_points), features)
    duty = duties(rows, enough.answer_days)
    newcomers = users.known["login_number"].to_numpy() < enough.newcomer_logins
    causes = _of_those_at_risk(
        cause_columns(reasons, features, newcomers),
        pl.Series(explanation.probability > enough.play_from) & (users.known["evidence"] != THIN),
        duty,
    )
    probability = pl.Series("probability", explanation.probability, dtype=pl.Float64)
    facts = play_facts(rows, users.known, probability, causes, advice, enough.newcomer_logins, features)
    benefits = benefits_of(rows, causes, explanation.by_dimension, users.z_scores)
    login_days = _days_of_the_past(users.known)
    return users.known.select(pl.exclude("churned", *EVIDENCE_COLUMNS)).hstack(
        [
            *number_columns(explanation),
            *reason_columns(reasons, features, login_days),
            *points_and_standing(explanation, placement, users.percentiles),
            *causes,
            *chosen_plays(advice.plays, facts, benefits, probability > enough.play_from),
            duty,
            *users.known.select(EVIDENCE_COLUMNS),
            facts.to_struct("facts"),
        ]
    )


def _of_those_at_risk(causes: pl.DataFrame, at_risk: pl.Series, duty: pl.Series) -> pl.DataFrame:
    """`causes` of rows `at_risk` with enough evidence; of a row with a duty the open request comes first.

    The others have none.
    """
    first = pl.col("cause_1")
    return causes.select(
        pl.when(duty).then(pl.lit("SUPPORT_WAITS")).when(at_risk).then(first).alias("cause_1"),
        *(
            pl.when(at_risk & (~duty | (pl.col(name) != "SUPPORT_WAITS"))).then(pl.col(name))
            for name in causes.columns[1:]
        ),
    )


def _days_of_the_past(known: pl.DataFrame) -> list[date | None]:
    """The day of each row's last login where the row is of a later day, else None."""
    if "silent_days" not in known.columns:
        return [None] * known.height
    return known.select(pl.when(pl.col("silent_days") > 0).then("login_day")).to_series().to_list()
