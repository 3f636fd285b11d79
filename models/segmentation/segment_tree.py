"""Segments with explanation: a shallow tree on the predictions, in words.

Promise: a segment is a few plain conditions on round numbers. Each row belongs to exactly one segment, the one whose
conditions, as worded, it meets.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from models.arrays import Floats, Ints

_LEAST_GAIN = 1e-6
"""The least reduction of the variance of risk by a condition. Rounding errors reduce it by less."""
_DIGITS = 2
_HALVES_TO = 50.0  # of the two digits: up to here they are rounded to 5, from here on to 10
_COUNTED = 20.0  # below this number whole things are counted one by one
_DECIMALS = 4  # of the last digit: a round number in single precision still rounds to that number


@dataclass(frozen=True, slots=True)
class Between:
    """A segment's condition on a feature: above `above` and up to `to` (None: no bound); `missing`: or without a value.

    `known` False: only without a value. `whole`: the feature's values are whole numbers.
    """

    above: float | None
    to: float | None
    missing: bool
    known: bool
    whole: bool


Words = Callable[[int, Between], str]
"""The condition on the feature at a position, in words."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The bounds of a feature on the path to a leaf, and whether it may be missing."""

    above: float = -math.inf
    to: float = math.inf
    missing: bool = True


@dataclass(frozen=True, slots=True)
class Segments:
    """Segments of rows by risk. `says`: each segment's conditions in words; `features`: positions of the features used.

    `leaves`: the tree's leaf of each segment; `whole`: (features,) which features are whole numbers.
    """

    says: tuple[str, ...]
    features: tuple[int, ...]
    tree: DecisionTreeRegressor
    leaves: Ints
    whole: NDArray[np.bool_]

    def of(self, values: Floats) -> Ints:
        """(rows,) the position of each row's segment. Of `values` (rows, features) only `features` are read."""
        rounded = np.zeros(values.shape, dtype=np.float32)
        features = list(self.features)
        rounded[:, features] = round_up(values[:, features], self.whole[features])
        if not len(rounded):  # scikit-learn refuses no rows
            return np.empty(0, dtype=np.int64)
        index = np.full(self.tree.tree_.node_count, -1, dtype=np.int64)
        index[self.leaves] = np.arange(len(self.leaves))
        return np.asarray(index[self.tree.apply(rounded)])


def segment_tree(
    values: Floats, risk: Floats, words: Words, *, depth: int, least_share: float, seed: int
) -> Segments:
    """Segments of `values` (rows, features; NaN for missing) by `risk` (rows,), probabilities.

    A segment has at least `least_share` of these rows. The tree is scikit-learn's CART (Breiman et al. 1984), on
    values rounded up to round numbers: "at most 15" holds for the rounded value exactly when it holds for the value.
    """
    whole = whole_numbers(values)
    rounded = round_up(values, whole)
    least = max(1, math.ceil(least_share * len(values)))
    tree = DecisionTreeRegressor(
        max_depth=depth, min_samples_leaf=least, min_impurity_decrease=_LEAST_GAIN, random_state=seed
    ).fit(rounded.astype(np.float32), risk)
    _cut_at_what_occurs(tree, rounded)
    paths = _paths(tree)
    used = sorted({feature for path in paths.values() for feature in path})
    says = [_in_words(path, rounded, whole, words) for path in paths.values()]
    return Segments(tuple(says), tuple(used), tree, np.array(list(paths), dtype=np.int64), whole)


def round_up(values: Floats, whole: NDArray[np.bool_]) -> Floats:
    """`values` (rows, features) rounded up to a round number: 1, 1.5, 2 and so on to 5, then 6 to 10, and their tens.

    In a column of `whole` numbers those below 20 stay.
    """
    size = np.where(np.nan_to_num(values) == 0, 1.0, np.abs(values))
    power = np.floor(np.log10(size)) - _DIGITS + 1
    power = np.where(whole, np.maximum(power, 0.0), power)
    last, parts = 10.0 ** np.maximum(power, 0.0), 10.0 ** -np.minimum(power, 0.0)  # exact, as 0.001 is not
    digits = np.round(values / last * parts, _DECIMALS)
    step = np.where(np.abs(digits) > _HALVES_TO, 10.0, 5.0)
    step = np.where(whole & (np.abs(values) < _COUNTED), 1.0, step)
    return np.asarray(np.ceil(digits / step) * step * last / parts, dtype=np.float64)


def whole_numbers(values: Floats) -> NDArray[np.bool_]:
    """(features,): whether all known values are whole numbers."""
    return np.asarray((np.isnan(values) | (values == np.rint(values))).all(axis=0))


def _cut_at_what_occurs(fitted: DecisionTreeRegressor, values: Floats) -> None:
    """Lower each cut of the tree to the largest of `values` (rows, features) below it: the bound in words.

    scikit-learn cuts halfway to the next value, and other rows may have values in between.
    """
    tree = fitted.tree_
    for node in np.flatnonzero((tree.children_left != tree.children_right) & np.isfinite(tree.threshold)):
        column = values[:, tree.feature[node]].astype(np.float32)
        below = column[column <= tree.threshold[node]]
        if below.size:
            tree.threshold[node] = below.max()


def _paths(fitted: DecisionTreeRegressor) -> dict[int, dict[int, _Range]]:
    """By leaf: the bounds of each feature on the path to it."""
    tree, paths = fitted.tree_, {}
    waiting: list[tuple[int, dict[int, _Range]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            paths[node] = path
            continue
        feature, cut = int(tree.feature[node]), float(tree.threshold[node])
        leftwards, so_far = bool(tree.missing_go_to_left[node]), path.get(feature, _Range())
        lower = _Range(so_far.above, min(so_far.to, cut), so_far.missing and leftwards)
        higher = _Range(max(so_far.above, cut), so_far.to, so_far.missing and not leftwards)
        waiting += [(left, {**path, feature: lower}), (right, {**path, feature: higher})]
    return paths


def _in_words(path: Mapping[int, _Range], values: Floats, whole: NDArray[np.bool_], words: Words) -> str:
    conditions = [
        words(feature, _between(bounds, values[:, feature], whole=bool(whole[feature])))
        for feature, bounds in path.items()
    ]
    return "; ".join(conditions) or "everybody"


def _between(bounds: _Range, values: Floats, *, whole: bool) -> Between:
    """The condition with bounds that occur in the data: the largest value at or below a cut."""
    known = values[~np.isnan(values)]
    single = known.astype(np.float32)  # as the tree sees them
    below = known[single <= bounds.above]
    return Between(
        above=float(below.max()) if below.size else None,
        to=None if bounds.to == math.inf else float(known[single <= bounds.to].max()),
        missing=bounds.missing and len(known) < len(values),
        known=bool((single > bounds.above).any()),
        whole=whole,
    )
