"""Login rows explained to people: probability, contributions by dimension and reasons in words.

Promise: the profiles on disk and the served model give the same row the same explanation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.actions import total_of
from features.advice.causes import RHYTHM_FROM, SYMPTOMS, counts
from features.catalogue.roles import LOGIN_NUMBER
from features.define import DIMENSIONS, LIST_DIMENSIONS, Dimension, Feature
from features.wording.sentences import sentence
from models.explanation.attribution import attribution
from models.explanation.contributions import by_dimension
from models.explanation.peer_reference import PeerPlacement, peer_reference
from models.explanation.peers import Peers, sums_of_peers
from models.explanation.reasons import NO_REASON, Raised, raised, ranked, together
from models.learning.list_model import ListModel
from models.learning.trained_model import TrainedModel
from pipeline.explanation.wrong_side import Away, wrong_side

REASONS = 3
PEERS_FILE = "peers.json"
_OF_EVERY_VISIT = frozenset({"logins", "sessions", "events"})
REASON_COLUMNS = tuple(
    f"reason_{rank}{kind}" for rank in range(1, REASONS + 1) for kind in ("", "_text")
)  # reason_1, reason_1_text, reason_2 …
CAUSE_COLUMNS = tuple(f"cause_{rank}" for rank in range(1, REASONS + 1))
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for each of some rows. All arrays are (rows,).

    `feature`: its position, or NO_REASON. `value`: the row's value of it. `usual` and `peers`: the usual value of the
    user, and among peers; NaN: not known.
    """

    feature: Ints
    value: Floats
    usual: Floats
    peers: Floats


@dataclass(frozen=True, slots=True)
class Explanation:
    """The prediction of a model for some rows and its explanation, as numbers.

    `by_dimension`: (rows, `dimensions`) log-odds, 0 for a dimension without a feature. With `base_log_odds` (rows,)
    they add up to the uncalibrated log-odds; `base_probability` (rows,) is the probability there. `raised`: what raises
    the risk, without the silence. `slope`: (rows,) points of probability per log-odds. `points`, `value`, `usual`,
    `peers`: (rows, dimensions of `raised`) the points of probability by which the dimension raises the number, the
    value of the feature that speaks for it, and its usual value for the row's user and for peers; NaN: none.
    """

    dimensions: tuple[Dimension, ...]
    probability: Floats
    base_log_odds: Floats
    base_probability: Floats
    by_dimension: Floats
    raised: Raised
    slope: Floats
    points: Floats
    value: Floats
    usual: Floats
    peers: Floats

    @property
    def told(self) -> NDArray[np.bool_]:
        """(rows, DIMENSIONS) whether something in the dimension that raises the risk can be told as a reason."""
        told = np.zeros((len(self.slope), len(DIMENSIONS)), dtype=np.bool_)
        columns = [DIMENSIONS.index(name) for name in self.raised.dimensions]
        told[:, columns] = self.raised.speaker != NO_REASON
        return told

    def ranked(self, placement: PeerPlacement, least_points: float = 0.0) -> Ints:
        """(rows, REASONS) positions in `raised.dimensions`, ranked against peers; NO_REASON: no further reason.

        `least_points`: a dimension that raises the number by less is no reason.
        """
        enough = self.points >= least_points
        loud = replace(self.raised, weight=self.raised.weight * enough, plain=self.raised.plain * enough)
        return ranked(loud, REASONS, spread=placement.spread, symptoms=SYMPTOMS)

    def reasons(self, placement: PeerPlacement, least_points: float = 0.0) -> tuple[Reason, ...]:
        """The first, second, … reason of each row, against peers."""
        at, reasons = np.arange(len(self.slope)), []
        for index in self.ranked(placement, least_points).T:
            speaker = np.where(index == NO_REASON, NO_REASON, self.raised.speaker[at, index])
            reasons.append(
                Reason(speaker, self.value[at, index], self.usual[at, index], self.peers[at, index])
            )
        return tuple(reasons)

    def of_rows(self, rows: slice) -> "Explanation":
        """The explanation of some of the rows."""
        return Explanation(
            self.dimensions, self.probability[rows], self.base_log_odds[rows], self.base_probability[rows],
            self.by_dimension[rows], self.raised.of_rows(rows), self.slope[rows], self.points[rows], self.value[rows],
            self.usual[rows], self.peers[rows],
        )  # fmt: skip


def explain(
    rows: pl.DataFrame,
    trained: TrainedModel | ListModel,
    features: Sequence[Feature],
    placement: PeerPlacement,
    usual: pl.DataFrame | None = None,
) -> Explanation:
    """The explanation of each of `rows`, in their order: login rows, or landmark rows for a list model.

    `features`: the model's, in its order. `placement`: the peers of each row. `usual`: for each row the user's usual
    values of the features; None: not known.
    The silence since the login is a dimension of its own, and no reason: it says that a user may leave, not why. Why is
    what the login model sees in the row, for a list too: the model of silent users puts much of the cause into the
    silence that it has led to. On the demo's lists the first reason names the planted cause of 72 % of the leavers by
    the login model, and of 56 % by the model of silent users.
    """
    names = [feature.name for feature in features]
    dimension_of = {feature.name: feature.dimension for feature in features}
    made = attribution(rows, trained)
    dimensions = LIST_DIMENSIONS if isinstance(trained, ListModel) else DIMENSIONS
    summed, nothing = by_dimension(made.values, names, dimension_of), np.zeros(rows.height)
    values = _matrix(rows, names)
    own = np.full_like(values, math.nan) if usual is None else _matrix(usual, names)
    peers, known = placement.usual_of(names), placement.known_of(names)
    may_speak = wrong_side(features, Away.of(rows), values, own, peers, known)
    why = _of_login_model(rows, trained, names) if isinstance(trained, ListModel) else made.values
    rhythm = _has_rhythm(rows)
    up = _raised(why, features, may_speak, rhythm)
    loudness = _raised(made.values, features, np.ones_like(may_speak), rhythm).plain * made.slope[:, None]
    return Explanation(
        dimensions,
        made.probability,
        made.base_log_odds,
        made.base_probability,
        np.column_stack([summed.get(dimension, nothing) for dimension in dimensions]),
        up,
        made.slope,
        loudness,
        *(_at(up.speaker, numbers) for numbers in (values, own, peers)),
    )


def _of_login_model(rows: pl.DataFrame, models: ListModel, names: Sequence[str]) -> Floats:
    """(rows, names) the contributions of the login model to each landmark row, 0 for a feature that it does not use."""
    index = {name: i for i, name in enumerate(names)}
    values = np.zeros((rows.height, len(names)))
    values[:, [index[name] for name in models.login.features]] = attribution(rows, models.login).values
    return values


def _has_rhythm(rows: pl.DataFrame) -> NDArray[np.bool_]:
    """(rows,) whether the user has come often enough to have a rhythm."""
    if LOGIN_NUMBER not in rows.columns:
        return np.ones(rows.height, dtype=np.bool_)
    return ~(_matrix(rows, [LOGIN_NUMBER])[:, 0] < RHYTHM_FROM)


def _raised(
    values: Floats,
    features: Sequence[Feature],
    may_speak: NDArray[np.bool_],
    has_rhythm: NDArray[np.bool_],
) -> Raised:
    """What raises the risk of each row, the silence left out. Speakers are positions in `features`."""
    kept = np.array([i for i, feature in enumerate(features) if feature.dimension != "silence"])
    chosen = [features[i] for i in kept]
    later, at_first = (np.array([counts(one, has_rhythm=has) for one in chosen]) for has in (True, False))
    up = raised(
        values[:, kept],
        [feature.name for feature in chosen],
        {feature.name: feature.dimension for feature in chosen},
        np.where(has_rhythm[:, None], later, at_first),
        may_speak[:, kept],
    )
    speaker = np.where(up.speaker == NO_REASON, NO_REASON, kept[up.speaker])
    return Raised(up.dimensions, up.weight, up.plain, speaker)


def joined(parts: Sequence[Explanation]) -> Explanation:
    """The explanations of one model, one after another."""
    return Explanation(
        parts[0].dimensions,
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.base_log_odds for part in parts]),
        np.concatenate([part.base_probability for part in parts]),
        np.concatenate([part.by_dimension for part in parts]),
        together([part.raised for part in parts]),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("slope", "points", "value", "usual", "peers")
        ),
    )


def among_each_other(rows: pl.DataFrame, features: Sequence[Feature], peers: Peers) -> PeerPlacement:
    """The `rows` as each other's peers, not yet explained."""
    names = [feature.name for feature in features]
    return PeerPlacement(peer_reference(sums_of_peers(rows.select(names), peers), peers, names), peers.group)


def with_spread(placement: PeerPlacement, explanation: Explanation, peers: Peers) -> PeerPlacement:
    """The placement with the spread of what raises the risk of the explained rows of `peers`."""
    up = explanation.raised
    return replace(placement, peers=placement.peers.with_spread(up.weight, peers, up.dimensions))


def number_columns(explanation: Explanation) -> pl.DataFrame:
    """`probability`, `base_log_odds`, and a column of log-odds for each dimension (0 for one without a feature)."""
    return pl.DataFrame(
        [
            pl.Series("probability", explanation.probability, dtype=pl.Float64),
            pl.Series("base_log_odds", explanation.base_log_odds, dtype=pl.Float64),
            *(
                pl.Series(name, explanation.by_dimension[:, i], dtype=pl.Float64)
                for i, name in enumerate(explanation.dimensions)
            ),
        ]
    )


def told_once(reasons: Sequence[Reason], features: Sequence[Feature]) -> tuple[Reason, ...]:
    """`reasons` without those that count again what an earlier one has counted; the next ones move up.

    Every visit has a session and an action, so "came on 1 day in the last 60 days" says nothing new after "1 action in
    the last 90 days". `features`: those of the reasons.
    """
    counts = np.array([_counts_visits(feature) for feature in features])
    told = {name: np.column_stack([getattr(reason, name) for reason in reasons]) for name in Reason.__slots__}
    feature, value = told["feature"], told["value"]
    counted = (feature != NO_REASON) & counts[np.maximum(feature, 0)]
    again = np.zeros_like(counted)
    for later, earlier in combinations(range(len(reasons))[::-1], 2):
        both = counted[:, later] & counted[:, earlier]
        again[:, later] |= both & (value[:, later] == value[:, earlier])
    told["feature"] = np.where(again, NO_REASON, feature)
    order = np.argsort(told["feature"] == NO_REASON, axis=1, kind="stable")
    moved = {name: np.take_along_axis(numbers, order, axis=1) for name, numbers in told.items()}
    return tuple(
        Reason(**{name: numbers[:, rank] for name, numbers in moved.items()}) for rank in range(len(reasons))
    )


def _counts_visits(feature: Feature) -> bool:
    """Whether `feature` counts what every visit has: the visit itself, a session, an action."""
    total = total_of(feature) if feature.form == "count" else None
    return total is not None and total.measure in _OF_EVERY_VISIT


def reason_columns(
    reasons: Sequence[Reason], features: Sequence[Feature], login_days: Sequence[date | None]
) -> pl.DataFrame:
    """`REASON_COLUMNS` of `reasons`: the name of a feature, and its sentence; null: no further reason.

    `login_days`: the day of the last login where the sentence is read later, else None. A feature that moves while the
    user is away is of the day on which it is read. A sentence leaves out the user's usual value and that of peers where
    they are not known.
    """
    columns: list[pl.Series] = []
    for rank, reason in enumerate(reasons, start=1):
        of_rows = zip(reason.feature, reason.value, reason.usual, reason.peers, login_days, strict=True)
        texts = [
            None
            if i == NO_REASON
            else sentence(features[i], value, usual, peers, None if features[i].moves else day)
            for i, value, usual, peers, day in of_rows
        ]
        names = [None if i == NO_REASON else features[i].name for i in reason.feature]
        columns += [
            pl.Series(f"reason_{rank}", names, dtype=pl.String),
            pl.Series(f"reason_{rank}_text", texts, dtype=pl.String),
        ]
    return pl.DataFrame(columns)


def _matrix(rows: pl.DataFrame, names: Sequence[str]) -> Floats:
    return rows.select(pl.col(names).cast(pl.Float64).fill_null(math.nan)).to_numpy()


def _at(speaker: Ints, numbers: Floats) -> Floats:
    """(rows, dimensions) the columns of `numbers` at the positions `speaker`; NaN: no speaker."""
    taken = np.take_along_axis(numbers, np.maximum(speaker, 0), axis=1)
    return np.where(speaker == NO_REASON, math.nan, taken)
