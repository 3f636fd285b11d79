"""Login rows explained to people: probability, contributions by dimension and reasons in words.

Promise: the profiles on disk and the served model give the same row the same explanation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.causes import SYMPTOMS, counts
from features.define import DIMENSIONS, LIST_DIMENSIONS, Dimension, Feature
from features.wording.sentences import sentence
from models.explanation.attribution import attribution
from models.explanation.contributions import by_dimension
from models.explanation.peer_reference import PeerPlacement, peer_reference
from models.explanation.peers import Peers, sums_of_peers
from models.explanation.reasons import NO_REASON, Raised, raised, ranked, together
from models.learning.list_model import ListModel
from models.learning.trained_model import TrainedModel

REASONS = 3
PEERS_FILE = "peers.json"
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
    user, and among peers; NaN: not known. `points`: points of probability by which its dimension raises the risk.
    """

    feature: Ints
    value: Floats
    usual: Floats
    peers: Floats
    points: Floats


@dataclass(frozen=True, slots=True)
class Explanation:
    """The prediction of a model for some rows and its explanation, as numbers.

    `by_dimension`: (rows, `dimensions`) log-odds, 0 for a dimension without a feature. With `base_log_odds` (rows,)
    they add up to the uncalibrated log-odds; `base_probability` (rows,) is the probability there. `raised`: what raises
    the risk, without the silence. `slope`: (rows,) points of probability per log-odds. `value`, `usual`: (rows,
    dimensions of `raised`) the value of the feature that speaks for the dimension, and its usual value for the row's
    user; NaN: none.
    """

    dimensions: tuple[Dimension, ...]
    probability: Floats
    base_log_odds: Floats
    base_probability: Floats
    by_dimension: Floats
    raised: Raised
    slope: Floats
    value: Floats
    usual: Floats

    def ranked(self, placement: PeerPlacement) -> Ints:
        """(rows, REASONS) positions in `raised.dimensions`, ranked against peers; NO_REASON: no further reason."""
        return ranked(self.raised, REASONS, spread=placement.spread, symptoms=SYMPTOMS)

    def reasons(self, placement: PeerPlacement) -> tuple[Reason, ...]:
        """The first, second, … reason of each row, against peers."""
        at, reasons = np.arange(len(self.slope)), []
        for index in self.ranked(placement).T:
            speaker = np.where(index == NO_REASON, NO_REASON, self.raised.speaker[at, index])
            points = self.raised.plain[at, index] * self.slope
            reasons.append(
                Reason(
                    speaker, self.value[at, index], self.usual[at, index], placement.usual(speaker), points
                )
            )
        return tuple(reasons)

    def of_rows(self, rows: slice) -> "Explanation":
        """The explanation of some of the rows."""
        return Explanation(
            self.dimensions, self.probability[rows], self.base_log_odds[rows], self.base_probability[rows],
            self.by_dimension[rows], self.raised.of_rows(rows), self.slope[rows], self.value[rows], self.usual[rows],
        )  # fmt: skip


def explain(
    rows: pl.DataFrame,
    trained: TrainedModel | ListModel,
    features: Sequence[Feature],
    usual: pl.DataFrame | None = None,
) -> Explanation:
    """The explanation of each of `rows`, in their order: login rows, or landmark rows for a list model.

    `features`: the model's, in its order. `usual`: for each row the user's usual values of them; None: not known.
    The silence since the login is a dimension of its own, and no reason: it says that a user may leave, not why.
    """
    names = [feature.name for feature in features]
    dimension_of = {feature.name: feature.dimension for feature in features}
    made = attribution(rows, trained)
    dimensions = LIST_DIMENSIONS if isinstance(trained, ListModel) else DIMENSIONS
    summed, nothing = by_dimension(made.values, names, dimension_of), np.zeros(rows.height)
    up = _raised(made.values, features)
    return Explanation(
        dimensions,
        made.probability,
        made.base_log_odds,
        made.base_probability,
        np.column_stack([summed.get(dimension, nothing) for dimension in dimensions]),
        up,
        made.slope,
        _values_of(up.speaker, rows, names),
        np.full(up.speaker.shape, math.nan) if usual is None else _values_of(up.speaker, usual, names),
    )


def _raised(values: Floats, features: Sequence[Feature]) -> Raised:
    """What raises the risk of each row, the silence left out. Speakers are positions in `features`."""
    kept = np.array([i for i, feature in enumerate(features) if feature.dimension != "silence"])
    chosen = [features[i] for i in kept]
    up = raised(
        values[:, kept],
        [feature.name for feature in chosen],
        {feature.name: feature.dimension for feature in chosen},
        {feature.name: counts(feature) for feature in chosen},
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
        np.concatenate([part.slope for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.usual for part in parts]),
    )


def among_each_other(
    rows: pl.DataFrame, explanation: Explanation, features: Sequence[Feature], peers: Peers
) -> PeerPlacement:
    """The explained `rows` as each other's peers."""
    names = [feature.name for feature in features]
    sums = sums_of_peers(rows.select(names), peers)
    return PeerPlacement(
        peer_reference(sums, explanation.raised.weight, peers, names, explanation.raised.dimensions),
        peers.group,
    )


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


def reason_columns(reasons: Sequence[Reason], features: Sequence[Feature]) -> pl.DataFrame:
    """`REASON_COLUMNS` of `reasons`: the name of a feature, and its sentence; null: no further reason.

    A sentence leaves out the user's usual value and that of peers where they are not known.
    """
    columns: list[pl.Series] = []
    for rank, reason in enumerate(reasons, start=1):
        of_rows = zip(reason.feature, reason.value, reason.usual, reason.peers, reason.points, strict=True)
        texts = [None if i == NO_REASON else sentence(features[i], *numbers) for i, *numbers in of_rows]
        names = [None if i == NO_REASON else features[i].name for i in reason.feature]
        columns += [
            pl.Series(f"reason_{rank}", names, dtype=pl.String),
            pl.Series(f"reason_{rank}_text", texts, dtype=pl.String),
        ]
    return pl.DataFrame(columns)


def _values_of(speaker: Ints, rows: pl.DataFrame, names: list[str]) -> Floats:
    """(rows, dimensions) the values in `rows` of the features at `speaker` in `names`; NaN: none."""
    values = rows.select(pl.col(names).cast(pl.Float64).fill_null(math.nan)).to_numpy()
    return np.where(
        speaker == NO_REASON, math.nan, np.take_along_axis(values, np.maximum(speaker, 0), axis=1)
    )
