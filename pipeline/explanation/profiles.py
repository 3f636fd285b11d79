"""Profiles: the explained prediction for each user at the last login, against peers, in numbers and in words.

Promise: the values of one user stay together: all columns and arrays of `ExplainedUsers` have one order of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.define import Feature
from models.explanation.peer_reference import PeerPlacement, PeerReference
from models.explanation.peers import Peers, percentile_among_peers, standardised
from pipeline.explanation.causes_and_plays import (
    benefits_of,
    cause_columns,
    play_columns,
    points_and_standing,
)
from pipeline.explanation.evidence import EVIDENCE_COLUMNS
from pipeline.explanation.explain import Explanation, number_columns, reason_columns

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


def profile_rows(rows: pl.DataFrame, users: ExplainedUsers, features: Sequence[Feature]) -> pl.DataFrame:
    """The profile of each of `users`, in their order; `rows`: those that were explained.

    Columns: the keys, `probability`, `base_log_odds`, one column of log-odds for each dimension, `reason_1..3`
    (feature names) and `reason_1_text..3_text`, then those of `causes_and_plays`, and `EVIDENCE_COLUMNS`. Peers are
    the users of the same day, band of logins and payment.
    """
    explanation, placement = users.explanation, PeerPlacement(users.reference, users.peers.group)
    reasons = explanation.reasons(placement)
    causes = cause_columns(reasons, features)
    benefits = benefits_of(rows, causes, explanation.by_dimension, users.z_scores)
    return users.known.select(pl.exclude("churned", *EVIDENCE_COLUMNS)).hstack(
        [
            *number_columns(explanation),
            *reason_columns(reasons, features),
            *points_and_standing(explanation, placement, users.percentiles),
            *causes,
            *play_columns(causes, benefits),
            *users.known.select(EVIDENCE_COLUMNS),
        ]
    )
