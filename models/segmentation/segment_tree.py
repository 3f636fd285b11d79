"""Segments with explanation: a shallow tree on the predictions, in words.

Promise: a segment is a few plain conditions on round numbers, each row lies in exactly one, and it is the one whose
conditions it meets as they are worded.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from models.arrays import Floats, Ints

_LEAST_GAIN = 1e-6
"""Variance of risk that a condition must take away: rounding takes away less."""
_DIGITS = 2
_DECIMALS = 4  # of the last digit: what single precision leaves of a round number is that number


@dataclass(frozen=True, slots=True)
class Between:
    """What a segment asks of a feature: above `above` and up to `to` (None: no bound); `missing`: or no value at all.

    `known` False: no value. `whole`: the feature's values are whole numbers.
    """

    above: float | None
    to: float | None
    missing: bool
    known: bool
    whole: bool


Words = Callable[[int, Between], str]
"""What is asked of the feature at a position, in words."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Between which values a feature lies on the way to a leaf, and whether it may be missing."""

    above: float = -math.inf
    to: float = math.inf
    missing: bool = True


@dataclass(frozen=True, slots=True)
class Segments:
    """What parts rows by risk: `says`, each segment's conditions in words; `asked`, the features that they ask of.

    `leaves`: the tree's number of each; `whole`: (features,) which of them are whole numbers.
    """

    says: tuple[str, ...]
    asked: tuple[int, ...]
    tree: DecisionTreeRegressor
    leaves: Ints
    whole: NDArray[np.bool_]

    def of(self, values: Floats) -> Ints:
        """(rows,) the position of each row's segment. Of `values` (rows, features) only those `asked` of are read."""
        rounded = np.zeros(values.shape, dtype=np.float32)
        asked = list(self.asked)
        rounded[:, asked] = round_up(values[:, asked], self.whole[asked])
        if not len(rounded):  # scikit-learn refuses no rows
            return np.empty(0, dtype=np.int64)
        place = np.full(self.tree.tree_.node_count, -1, dtype=np.int64)
        place[self.leaves] = np.arange(len(self.leaves))
        return np.asarray(place[self.tree.apply(rounded)])


def segment_tree(
    values: Floats, risk: Floats, words: Words, *, depth: int, least_share: float, seed: int
) -> Segments:
    """What parts `values` (rows, features; NaN for missing) by `risk` (rows,), probabilities.

    A segment holds `least_share` of these rows at least. CART (Breiman et al. 1984), scikit-learn's, on values
    rounded up to two digits: "at most 15" holds of the rounded value if and only if it holds of the value itself.
    """
    whole = whole_numbers(values)
    rounded = round_up(values, whole)
    least = max(1, math.ceil(least_share * len(values)))
    tree = DecisionTreeRegressor(
        max_depth=depth, min_samples_leaf=least, min_impurity_decrease=_LEAST_GAIN, random_state=seed
    ).fit(rounded.astype(np.float32), risk)
    _cut_at_what_occurs(tree, rounded)
    paths = _paths(tree)
    asked = sorted({feature for path in paths.values() for feature in path})
    says = [_in_words(path, rounded, whole, words) for path in paths.values()]
    return Segments(tuple(says), tuple(asked), tree, np.array(list(paths), dtype=np.int64), whole)


def round_up(values: Floats, whole: NDArray[np.bool_]) -> Floats:
    """`values` (rows, features) rounded up to two digits, those of a column of `whole` numbers to whole ones."""
    size = np.where(np.nan_to_num(values) == 0, 1.0, np.abs(values))
    power = np.floor(np.log10(size)) - _DIGITS + 1
    power = np.where(whole, np.maximum(power, 0.0), power)
    last, parts = 10.0 ** np.maximum(power, 0.0), 10.0 ** -np.minimum(power, 0.0)  # exact, as 0.001 is not
    return np.asarray(np.ceil(np.round(values / last * parts, _DECIMALS)) * last / parts, dtype=np.float64)


def whole_numbers(values: Floats) -> NDArray[np.bool_]:
    """(features,): whether all known values are whole numbers."""
    return np.asarray((np.isnan(values) | (values == np.rint(values))).all(axis=0))


def _cut_at_what_occurs(fitted: DecisionTreeRegressor, values: Floats) -> None:
    """Lower each cut of the tree to the largest of `values` (rows, features) below it, which is the bound in words.

    scikit-learn cuts halfway to the next value, and rows that the tree was not fitted to may lie between.
    """
    tree = fitted.tree_
    for node in np.flatnonzero((tree.children_left != tree.children_right) & np.isfinite(tree.threshold)):
        column = values[:, tree.feature[node]].astype(np.float32)
        below = column[column <= tree.threshold[node]]
        if below.size:
            tree.threshold[node] = below.max()


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


def _in_words(path: Mapping[int, _Asked], values: Floats, whole: NDArray[np.bool_], words: Words) -> str:
    conditions = [
        words(feature, _between(asked, values[:, feature], whole=bool(whole[feature])))
        for feature, asked in path.items()
    ]
    return (
        " and ".join([", ".join(conditions[:-1]), *conditions[-1:]] if conditions[1:] else conditions)
        or "everybody"
    )


def _between(asked: _Asked, values: Floats, *, whole: bool) -> Between:
    """The condition with bounds that occur: the largest value at or below a cut."""
    known = values[~np.isnan(values)]
    single = known.astype(np.float32)  # as the tree sees them
    below = known[single <= asked.above]
    return Between(
        above=float(below.max()) if below.size else None,
        to=None if asked.to == math.inf else float(known[single <= asked.to].max()),
        missing=asked.missing and len(known) < len(values),
        known=bool((single > asked.above).any()),
        whole=whole,
    )
