"""Segments: groups of users by risk, each with plain conditions that explain it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue.roles import LOGIN_NUMBER
from features.define import Feature, life
from features.wording.conditions import Interval, condition
from models.segmentation.segment_tree import Segments, segment_tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_NUMBER = Feature(
    name="login_number",
    value=life("logins"),
    dimension="rhythm",
    form="count",
    worse="low",
    cause="NEWCOMER",
    unit="logins",
    says="logins so far: {value:.0f}",
)


@dataclass(frozen=True, slots=True)
class SegmentTree:
    """The segments, and the columns (`names`) that their conditions may use."""

    names: tuple[str, ...]
    segments: Segments

    @property
    def columns(self) -> list[str]:
        """The columns that their conditions use."""
        return [self.names[i] for i in self.segments.features]

    def of(self, rows: pl.DataFrame) -> Ints:
        """(rows,) the position of each row's segment. Only `columns` are read."""
        known = np.zeros((rows.height, len(self.names)))
        if self.columns:  # a frame without columns has no rows
            known[:, self.segments.features] = _matrix(rows.select(self.columns))
        return self.segments.of(known)


def fit_segment_tree(
    users: pl.DataFrame,
    probability: Floats,
    features: Sequence[Feature],
    *,
    depth: int,
    least_share: float,
    seed: int,
) -> SegmentTree:
    """The segments of `users` (all, or a sample) at their last login, by the model's `probability`.

    The tree is fitted to the calibrated probabilities, so it shows where the model sees risk.
    """
    usable = [
        _NUMBER,
        *(feature for feature in features if feature.name != LOGIN_NUMBER),
    ]  # LOGIN_NUMBER is `_NUMBER`
    names = tuple(feature.name for feature in usable)
    segments = segment_tree(
        _matrix(users.select(names)),
        probability,
        lambda feature, between: condition(usable[feature], Interval(**asdict(between))),
        depth=depth,
        least_share=least_share,
        seed=seed,
    )
    return SegmentTree(names, segments)


def segments_report(tree: SegmentTree, index: Ints, probability: Floats) -> tuple[dict[str, Any], Ints]:
    """`reports/segments.json`, and for each user the number of the segment; segment 0 has the highest risk.

    `index`: (users,) as `tree.of` gives it; `probability`: (users,).
    """
    says = tree.segments.says
    users = np.bincount(index, minlength=len(says))
    risk = np.bincount(index, weights=probability, minlength=len(says)) / np.maximum(users, 1)
    order = np.argsort(-risk, kind="stable")
    report = {
        "users": len(index),
        "mean_risk": float(probability.mean()),
        "segments": [
            {
                "segment": number,
                "says": says[i],
                "text": f"{says[i]}: {users[i]:,} users, mean risk {100 * risk[i]:.0f} %",
                "users": int(users[i]),
                "mean_risk": float(risk[i]),
            }
            for number, i in enumerate(order)
        ],
    }
    return report, np.argsort(order)[index]


def _matrix(rows: pl.DataFrame) -> Floats:
    return rows.select(pl.all().cast(pl.Float64).fill_null(np.nan)).to_numpy()
