"""The contributions of each leaf of a booster, in tables indexed by the answers of the nodes above it.

The contributions of a leaf depend only on the answers on its path. woodelf-explainer computes them once for every
possible combination of answers, for groups of leaves with few nodes above them. A row then costs one comparison
per node and one look-up per feature. Promise: the values of a row do not depend on the other rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from woodelf.core.cube_metric import ShapleyValues
from woodelf.core.path_to_s_vectors.lts_recursive_p2s import LTSRecursivePathToSVectors
from woodelf.core.trees.parse_models import load_decision_tree_ensemble_model
from woodelf.core.utils import get_covers_vector

Path = tuple[Any, ...]
"""Nodes from the root down to a leaf, which is the last."""
Shares = dict[int, NDArray[np.float32]]
"""By position of the feature: its contribution to each row, or to each code of answers."""
TABLE_NODES = 10
"""A table has a column for each of 2 ** 10 answers: 140 KiB for a tree of 31 leaves. With 12 it would be 460 KiB."""


@dataclass(frozen=True, slots=True)
class _Leaves:
    """Some leaves of one tree and the `nodes` above them. `table`: by code of answers; None: too many nodes."""

    nodes: tuple[Any, ...]
    paths: tuple[Path, ...]
    table: Shares | None


@dataclass(frozen=True, slots=True)
class LeafTables:
    """The leaves of a booster in groups; `calculator`: woodelf-explainer's, for the contributions of a path."""

    groups: tuple[_Leaves, ...]
    calculator: Any

    def contributions(self, columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float32]:
        """(features, rows) in log-odds, of `columns` (rows,) in the booster's order, missing = NaN."""
        rows = len(columns[0])
        total = np.zeros((len(columns), rows), np.float32)
        answer, code = np.empty(rows, np.bool_), np.empty(rows, np.uint16)
        index, share = np.empty(rows, np.intp), np.empty(rows, np.float32)
        for group in self.groups:
            if group.table is None:
                answers = {node.index: _answer(node, columns) for node in group.nodes}
                for feature, values in _shares(group.paths, answers, self.calculator).items():
                    total[feature] += values
                continue
            code.fill(0)
            for node in group.nodes:
                np.left_shift(code, 1, out=code)
                np.bitwise_or(code, _answer(node, columns, answer).view(np.uint8), out=code)
            index[:] = code
            for feature, values in group.table.items():
                np.take(values, index, out=share, mode="wrap")  # nothing to wrap, but it saves the check
                total[feature] += share
        return total


def leaf_tables(booster: lgb.Booster) -> LeafTables:
    """The leaves of `booster`, about 0.15 ms per leaf. The booster has splits, and none by category."""
    model = load_decision_tree_ensemble_model(booster, range(booster.num_feature()))
    calculator = LTSRecursivePathToSVectors(ShapleyValues(), model.max_depth)
    trees = (tree for tree in model.trees if not tree.is_leaf())
    return LeafTables(
        tuple(_group(paths, calculator) for tree in trees for paths in _grouped_paths(tree)), calculator
    )


def _group(paths: tuple[Path, ...], calculator: Any) -> _Leaves:
    nodes = tuple({node.index: node for path in paths for node in path[:-1]}.values())
    if len(nodes) > TABLE_NODES:
        return _Leaves(nodes, paths, None)
    codes = np.arange(2 ** len(nodes))
    bits = reversed(range(len(nodes)))  # the first node's answer is the highest
    answers = {node.index: (codes >> bit & 1).astype(np.bool_) for node, bit in zip(nodes, bits, strict=True)}
    return _Leaves(nodes, paths, _shares(paths, answers, calculator))


def _grouped_paths(tree: Any) -> Iterator[tuple[Path, ...]]:
    """The paths of `tree`, in groups that share few nodes. Paths too long for a table come last, in one group."""
    paths = list(_paths(tree))
    group: list[Path] = []
    above: set[int] = set()
    for path in (path for path in paths if len(path) - 1 <= TABLE_NODES):
        own_nodes = {node.index for node in path[:-1]}
        if len(above | own_nodes) > TABLE_NODES:
            yield tuple(group)
            group, above = [], set()
        group.append(path)
        above |= own_nodes
    deep = tuple(path for path in paths if len(path) - 1 > TABLE_NODES)
    yield from (paths for paths in (tuple(group), deep) if paths)


def _paths(tree: Any) -> Iterator[Path]:
    """All paths from left to right: neighbours share nodes."""
    begun: list[Path] = [(tree,)]
    while begun:
        path = begun.pop()
        if path[-1].is_leaf():
            yield path
        else:
            begun += [(*path, path[-1].right), (*path, path[-1].left)]


def _answer(
    node: Any, columns: Sequence[NDArray[np.float64]], out: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """(rows,): whether a row goes the other way at `node` than a missing value."""
    other_way = np.greater if node.nan_go_left else np.less_equal
    result: NDArray[np.bool_] = other_way(columns[node.feature_name], node.value, out=out)
    return result


def _shares(paths: Sequence[Path], answers: Mapping[int, NDArray[np.bool_]], calculator: Any) -> Shares:
    """The contributions of the leaves of `paths`, by feature, given `answers` by node, each (rows,)."""
    shares: Shares = {}
    for path in paths:
        holds: dict[
            int, NDArray[np.bool_]
        ] = {}  # by feature: whether all its conditions on the path lead to the leaf
        for node, child in pairwise(path):
            towards = answers[node.index] ^ ((child is node.left) == node.nan_go_left)
            holds[node.feature_name] = holds.get(node.feature_name, True) & towards
        pattern = np.zeros(1, np.int64)
        for held in holds.values():
            pattern = pattern * 2 + held
        rows, patterns = pd.factorize(pattern)
        covers = np.array(get_covers_vector(list(path), list(holds)))
        vectors = calculator.get_path_dependent_s_matrix(list(holds), patterns, covers, path[-1].value)
        for feature, vector in vectors.items():
            shares[feature] = shares.get(feature, np.float32(0)) + vector[rows]
    return shares
