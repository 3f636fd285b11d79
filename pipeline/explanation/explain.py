"""Login rows explained to people: probability, contributions by dimension and reasons in words.

Promise: the profiles on disk and the served model say the same of the same row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.causes import SYMPTOMS, counts
from features.define import DIMENSIONS, Feature
from features.wording.sentences import sentence
from models.explanation.contributions import by_dimension, contributions
from models.explanation.peer_norms import PeerPlacement, peer_norms
from models.explanation.peers import Peers, sums_of_peers
from models.explanation.points import slopes
from models.explanation.reasons import NO_REASON, Raised, raised, ranked, together
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
    """One reason of each of some rows, (rows,) each: the position of its `feature`, NO_REASON for none.

    `value` of that feature, what is usual for the row's user (`own`) and among `peers`, NaN where not known; `points`
    of probability: of all that raises the risk in the feature's dimension.
    """

    feature: Ints
    value: Floats
    own: Floats
    peers: Floats
    points: Floats


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a model says of some rows, as numbers.

    `by_dimension`: (rows, DIMENSIONS), log-odds, 0 for a dimension without a feature; `raised`: what raises the risk;
    `slope`: (rows,) points of probability per log-odds; `value`, `own`: (rows, dimensions of `raised`) the value of
    the feature that speaks for each, and what is usual for the row's user; NaN where there is none.
    """

    probability: Floats
    base_log_odds: float
    by_dimension: Floats
    raised: Raised
    slope: Floats
    value: Floats
    own: Floats

    def ranked(self, among: PeerPlacement) -> Ints:
        """(rows, REASONS) positions in `raised.dimensions`, NO_REASON for none, against peers."""
        return ranked(self.raised, REASONS, spread=among.spread, symptoms=SYMPTOMS)

    def reasons(self, among: PeerPlacement) -> tuple[Reason, ...]:
        """The first, second, … reason of each row, against peers."""
        at, found = np.arange(len(self.slope)), []
        for place in self.ranked(among).T:
            speaker = np.where(place == NO_REASON, NO_REASON, self.raised.speaker[at, place])
            points = self.raised.plain[at, place] * self.slope
            found.append(
                Reason(speaker, self.value[at, place], self.own[at, place], among.usual(speaker), points)
            )
        return tuple(found)

    def of_rows(self, rows: slice) -> "Explanation":
        """Of some of the rows."""
        return Explanation(
            self.probability[rows], self.base_log_odds, self.by_dimension[rows], self.raised.of_rows(rows),
            self.slope[rows], self.value[rows], self.own[rows],
        )  # fmt: skip


def explain(
    rows: pl.DataFrame,
    trained: TrainedModel,
    features: Sequence[Feature],
    usual: pl.DataFrame | None = None,
) -> Explanation:
    """What the model says of each of `rows`, in their order.

    `features` are the model's, in its order; `usual` has each row's user's usual values of them, or is None where
    nobody knows them.
    """
    names = [feature.name for feature in features]
    dimension_of = {feature.name: feature.dimension for feature in features}
    weight = {feature.name: counts(feature) for feature in features}
    inputs = rows.select(pl.col(names).cast(pl.Float32))
    values, base = contributions(trained.booster, inputs)
    summed, nothing = by_dimension(values, names, dimension_of), np.zeros(rows.height)
    dimensions = np.column_stack([summed.get(dimension, nothing) for dimension in DIMENSIONS])
    up = raised(values, names, dimension_of, weight)
    return Explanation(
        trained.predict(inputs),
        base,
        dimensions,
        up,
        slopes(dimensions.sum(axis=1), base, trained.calibration),
        _spoken(up.speaker, rows, names),
        np.full(up.speaker.shape, math.nan) if usual is None else _spoken(up.speaker, usual, names),
    )


def joined(parts: Sequence[Explanation]) -> Explanation:
    """The explanations of one model, one after another."""
    return Explanation(
        np.concatenate([part.probability for part in parts]),
        parts[0].base_log_odds,
        np.concatenate([part.by_dimension for part in parts]),
        together([part.raised for part in parts]),
        np.concatenate([part.slope for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.own for part in parts]),
    )


def among_each_other(
    rows: pl.DataFrame, found: Explanation, features: Sequence[Feature], peers: Peers
) -> PeerPlacement:
    """The explained `rows` as each other's peers."""
    names = [feature.name for feature in features]
    sums = sums_of_peers(rows.select(names), peers)
    return PeerPlacement(
        peer_norms(sums, found.raised.weight, peers, names, found.raised.dimensions), peers.group
    )


def number_columns(found: Explanation) -> pl.DataFrame:
    """`probability`, `base_log_odds`, and one column of log-odds for each dimension (0 for one without a feature)."""
    return pl.DataFrame(
        [
            pl.Series("probability", found.probability, dtype=pl.Float64),
            pl.repeat(found.base_log_odds, len(found.slope), dtype=pl.Float64, eager=True).alias(
                "base_log_odds"
            ),
            *(
                pl.Series(name, found.by_dimension[:, i], dtype=pl.Float64)
                for i, name in enumerate(DIMENSIONS)
            ),
        ]
    )


def reason_columns(reasons: Sequence[Reason], features: Sequence[Feature]) -> pl.DataFrame:
    """`REASON_COLUMNS` of `reasons`: a feature's name, and its sentence; null where nothing is left to say.

    What is not known of peers or of the user's own usual is not said.
    """
    columns: list[pl.Series] = []
    for rank, reason in enumerate(reasons, start=1):
        said = zip(reason.feature, reason.value, reason.own, reason.peers, reason.points, strict=True)
        texts = [None if i == NO_REASON else sentence(features[i], *numbers) for i, *numbers in said]
        told = [None if i == NO_REASON else features[i].name for i in reason.feature]
        columns += [
            pl.Series(f"reason_{rank}", told, dtype=pl.String),
            pl.Series(f"reason_{rank}_text", texts, dtype=pl.String),
        ]
    return pl.DataFrame(columns)


def _spoken(speaker: Ints, rows: pl.DataFrame, names: list[str]) -> Floats:
    """What `rows` hold of the features called `names` that speak (rows, dimensions), NaN for none."""
    values = rows.select(pl.col(names).cast(pl.Float64).fill_null(math.nan)).to_numpy()
    return np.where(
        speaker == NO_REASON, math.nan, np.take_along_axis(values, np.maximum(speaker, 0), axis=1)
    )
