"""Segments: groups of users by risk, each with plain conditions that explain it."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue.roles import LOGIN_NUMBER
from features.define import Cause, Feature, Form, life
from features.totals import totals_of
from features.wording.conditions import Interval, condition
from models.segmentation.segment_tree import Segments, segment_tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_OF_THE_DAY: frozenset[Cause] = frozenset({"CALENDAR", "SERVICE_FADES"})
_PLAIN: frozenset[Form] = frozenset({"count", "duration", "money"})
_NUMBER = Feature(
    name="login_number",
    value=life("logins"),
    dimension="rhythm",
    form="count",
    worse="low",
    cause="NEWCOMER",
    unit="logins",
    says="came on {value:.0f} days so far",
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

    The tree is fitted to the calibrated probabilities, so it shows where the model sees risk. Conditions are read
    aloud, so they use plain amounts alone.
    """
    usable = [_NUMBER, *(feature for feature in features if _is_plain(feature))]
    names = tuple(feature.name for feature in usable)
    segments = segment_tree(
        _matrix(users.select(names)),
        probability,
        lambda feature, between: _at_last_visit(condition(usable[feature], Interval(**asdict(between)))),
        depth=depth,
        least_share=least_share,
        seed=seed,
    )
    return SegmentTree(names, segments)


def _at_last_visit(says: str) -> str:
    """`says` of a user's last login day, as it stays true while the user is away."""
    return re.sub(r"\bthe last (\d+) days\b", r"the \1 days up to their last visit", says)


def _is_plain(feature: Feature) -> bool:
    """Whether a condition may use `feature`: an amount that every user has, of more than the login day.

    What may be missing makes a condition with "or". A ratio or a position in words has bounds that mean nothing to a
    reader. What is the same for all users of a day, such as the state of the whole service, says only when a user came
    last. LOGIN_NUMBER is `_NUMBER`.
    """
    of_one_day = any(total.window == "day" for total in totals_of(feature.value))
    return (
        feature.form in _PLAIN
        and not feature.says_missing
        and not of_one_day
        and feature.cause not in _OF_THE_DAY
        and feature.name != LOGIN_NUMBER
    )


def segments_report(tree: SegmentTree, index: Ints, probability: Floats) -> tuple[dict[str, Any], Ints]:
    """`reports/segments.json`, and for each user the number of the segment; segment 0 has the highest risk.

    `index`: (users,) as `tree.of` gives it; `probability`: (users,) the number of the list, NaN for users who are not
    on it. A segment's risk is the mean of its users on the list, null without any.
    """
    says = tree.segments.says
    on_list = ~np.isnan(probability)
    users, listed = (np.bincount(one, minlength=len(says)) for one in (index, index[on_list]))
    total = np.bincount(index[on_list], weights=probability[on_list], minlength=len(says))
    risk = np.divide(total, listed, out=np.full(len(says), np.nan), where=listed > 0)
    order = np.argsort(-np.nan_to_num(risk, nan=-1.0), kind="stable")
    report = {
        "users": len(index),
        "listed": int(on_list.sum()),
        "mean_risk": float(probability[on_list].mean()) if on_list.any() else None,
        "segments": [
            {
                "segment": number,
                "says": says[i],
                "text": _text(says[i], int(users[i]), int(listed[i]), float(risk[i])),
                "users": int(users[i]),
                "listed": int(listed[i]),
                "mean_risk": None if np.isnan(risk[i]) else float(risk[i]),
            }
            for number, i in enumerate(order)
        ],
    }
    return report, np.argsort(order)[index]


def _text(says: str, users: int, listed: int, risk: float) -> str:
    of_list = f"{listed:,} on the list" + ("" if np.isnan(risk) else f", mean risk {100 * risk:.0f}%")
    return f"{says}: {users:,} users, {of_list}"


def _matrix(rows: pl.DataFrame) -> Floats:
    return rows.select(pl.all().cast(pl.Float64).fill_null(np.nan)).to_numpy()
