"""Segments are a few conditions in words, each row in one of them."""

import numpy as np
import pytest

from models.segment_tree import segment_tree

LABELS = ("login number", "levels gained of the last 7 days")


def test_a_tree_tells_what_parts_the_risk() -> None:
    number = np.tile(np.arange(1.0, 11.0), 20)
    gained = np.repeat([0.0, 1.0], 100)
    risk = np.where(number <= 3, np.where(gained == 0, 0.9, 0.4), 0.1)
    leaves, place = segment_tree(
        np.column_stack([number, gained]), risk, LABELS, depth=2, least_share=0.05, seed=1
    )
    assert leaves[0].says == "login number ≤ 3 and levels gained of the last 7 days ≤ 0"
    assert leaves[-1].says.startswith("login number ≥ 4")
    assert [leaf.mean_risk for leaf in leaves][:2] == pytest.approx([0.9, 0.4])
    assert np.bincount(place).tolist() == [leaf.users for leaf in leaves]
    assert risk[place == 0].tolist() == pytest.approx([0.9] * 30)


def test_what_is_missing_is_said() -> None:
    values = np.where(np.arange(100) % 2 == 0, np.nan, np.arange(100.0))[:, None]
    risk = np.isnan(values[:, 0]).astype(float)
    leaves, _ = segment_tree(values, risk, ("score last",), depth=1, least_share=0.1, seed=1)
    assert [leaf.says for leaf in leaves] == ["score last: not known", "score last: known"]
    assert [leaf.mean_risk for leaf in leaves] == [1.0, 0.0]


def test_where_nothing_parts_the_risk_everybody_is_one_segment() -> None:
    leaves, _ = segment_tree(
        np.arange(20.0)[:, None], np.full(20, 0.3), ("x",), depth=3, least_share=0.1, seed=1
    )
    assert [(leaf.says, leaf.users) for leaf in leaves] == [("everybody", 20)]
