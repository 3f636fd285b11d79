"""Decisions by probability, against examples by hand and direct counts."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.metrics.decisions import at_capacity, by_tenth, by_threshold

ROWS = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=60)


@given(ROWS)
def test_precision_and_recall_by_threshold_are_counts(rows: list[tuple[bool, float]]) -> None:
    churned = np.array([1.0, 0.0, *(float(y) for y, _ in rows)])
    probability = np.array([0.5, 0.5, *(p for _, p in rows)])
    for threshold, share, precision, recall in by_threshold(churned, probability).rows():
        chosen = probability >= threshold
        assert share == pytest.approx(chosen.mean())
        assert recall == pytest.approx(churned[chosen].sum() / churned.sum())
        assert precision == (pytest.approx(churned[chosen].mean()) if chosen.any() else None)


def test_tenths_share_out_the_rows_and_find_all() -> None:
    random = np.random.default_rng(0)
    probability = random.random(1003)
    churned = (random.random(1003) < probability).astype(float)
    gains = by_tenth(churned, probability)
    assert gains["rows"].sum() == 1003
    assert gains["rows"].max() - gains["rows"].min() <= 1  # type: ignore[operator]
    assert gains["found_share"][-1] == pytest.approx(1.0)
    assert gains["predicted"].is_sorted(descending=True)
    assert (gains["lift"] * gains["rows"]).sum() == pytest.approx(1003)


def test_capacity_contacts_each_user_once_at_the_riskiest_login() -> None:
    users = pl.Series(["ann", "ann", "bob", "cem", "cem", "dan"])
    churned = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    probability = np.array([0.2, 0.9, 0.8, 0.1, 0.7, 0.3])
    campaign = at_capacity(users, churned, probability, most_users=3)
    assert campaign == {
        "users": 4,
        "contacted_users": 3,  # ann at 0.9, bob at 0.8, cem at 0.7
        "threshold": 0.7,
        "precision": pytest.approx(1 / 3),
        "recall": pytest.approx(1 / 3),  # of ann, cem and dan
        "lift": pytest.approx((1 / 3) / (2 / 4)),
    }


def test_where_nobody_leaves_there_is_no_recall() -> None:
    campaign = at_capacity(pl.Series(["ann"]), np.zeros(1), np.array([0.4]), most_users=9)
    assert (campaign["recall"], campaign["lift"], campaign["precision"]) == (None, None, 0.0)
