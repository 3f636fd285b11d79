"""Segments with explanation: a shallow tree on the predictions, told in words.

Promise: a segment is a few plain conditions, and each row lies in exactly one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


_LEAST_GAIN = 1e-6
"""Variance of risk that a condition must take away: rounding takes away less."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One segment: its conditions in words, how many rows, and their mean risk."""

    says: str
    users: int
    mean_risk: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """Between which values a feature lies on the way to a leaf, and whether it may be missing."""

    above: float = -math.inf
    to: float = math.inf
    missing: bool = True


def segment_tree(
    values: Floats, risk: Floats, labels: Sequence[str], *, depth: int, least_share: float, seed: int
) -> tuple[list[Leaf], Ints]:
    """The segments, riskiest first, and for each row the position of its own.

    `values`: (rows, features), NaN for missing; `risk`: (rows,) probabilities; `labels`: the features in words.
    A segment holds `least_share` of the rows at least. CART (Breiman et al. 1984), scikit-learn's.
    """
    told = values.astype(np.float32)
    least = max(1, math.ceil(least_share * len(values)))
    tree = DecisionTreeRegressor(
        max_depth=depth, min_samples_leaf=least, min_impurity_decrease=_LEAST_GAIN, random_state=seed
    ).fit(told, risk)
    leaves, place, size = np.unique(tree.apply(told), return_inverse=True, return_counts=True)
    mean = np.bincount(place, weights=risk) / size
    order = np.argsort(-mean, kind="stable")
    paths = _paths(tree)
    missing = np.asarray(np.isnan(told).any(axis=0))
    segments = [
        Leaf(_in_words(paths[int(leaves[i])], told, labels, missing), int(size[i]), float(mean[i]))
        for i in order
    ]
    return segments, np.argsort(order)[place].astype(np.int64)


def _paths(fitted: DecisionTreeRegressor) -> dict[int, dict[int, _Asked]]:
    """For each leaf what is asked of each feature on the way to it."""
    tree, found = fitted.tree_, {}
    waiting: list[tuple[int, dict[int, _Asked]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            found[node] = path
            continue
        feature, cut = int(tree.feature[node]), float(tree.threshold[node])
        leftwards, so_far = bool(tree.missing_go_to_left[node]), path.get(feature, _Asked())
        lower = _Asked(so_far.above, min(so_far.to, cut), so_far.missing and leftwards)
        higher = _Asked(max(so_far.above, cut), so_far.to, so_far.missing and not leftwards)
        waiting += [(left, {**path, feature: lower}), (right, {**path, feature: higher})]
    return found


def _in_words(
    path: Mapping[int, _Asked], values: NDArray[np.float32], labels: Sequence[str], missing: NDArray[np.bool_]
) -> str:
    told = [
        _asked_in_words(labels[feature], asked, values[:, feature], may_miss=bool(missing[feature]))
        for feature, asked in path.items()
    ]
    return " and ".join(told) or "everybody"


def _asked_in_words(label: str, asked: _Asked, values: NDArray[np.float32], *, may_miss: bool) -> str:
    """The condition with cuts that occur: the largest value at or below a cut, which rounds to fewer digits."""
    known = values[~np.isnan(values)]
    if asked.above == math.inf or not (known > asked.above).any():
        return f"{label}: not known"
    or_missing = " or not known" if may_miss and asked.missing else ""
    lowest = "" if asked.above == -math.inf else f"{known[known > asked.above].min():.4g} ≤ "
    highest = "" if asked.to == math.inf else f" ≤ {known[known <= asked.to].max():.4g}"
    if lowest and not highest:
        return f"{label} ≥ {lowest.removesuffix(' ≤ ')}{or_missing}"
    return f"{lowest}{label}{highest}{or_missing}" if lowest or highest else f"{label}: known"
