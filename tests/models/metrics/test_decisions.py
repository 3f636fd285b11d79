"""Decisions by probability, against examples by hand and direct counts."""

from datetime import date

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


DAYS = pl.Series("list_day", [date(2024, 3, 1)] * 4 + [date(2024, 3, 8)] * 2)
LEFT = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
RISK = np.array([0.2, 0.9, 0.8, 0.1, 0.7, 0.6])


def test_each_list_contacts_its_own_users_of_highest_risk() -> None:
    assert at_capacity(DAYS, LEFT, RISK, share=0.1, most_users=1) == {
        "contacted": 2,  # 0.9 on the first list, 0.7 on the second, though 0.8 is higher
        "precision": pytest.approx(1 / 2),
        "recall": pytest.approx(1 / 3),
        "lift": pytest.approx((1 / 2) / (3 / 6)),
    }


def test_a_share_is_of_each_list_and_at_least_one_user() -> None:
    assert at_capacity(DAYS, LEFT, RISK, share=0.5)["contacted"] == 2 + 1
    assert at_capacity(DAYS, LEFT, RISK, share=0.01)["contacted"] == 1 + 1
    assert at_capacity(DAYS, LEFT, RISK, share=0.01, most_users=9)["recall"] == 1.0


@given(st.permutations(range(6)))
def test_the_order_of_rows_changes_nothing_but_ties(order: list[int]) -> None:
    shuffled = at_capacity(DAYS.gather(order), LEFT[order], RISK[order], share=0.5)
    assert shuffled == at_capacity(DAYS, LEFT, RISK, share=0.5)


def test_of_equal_probabilities_the_first_rows_are_contacted() -> None:
    even = np.full(6, 0.4)
    assert at_capacity(DAYS, LEFT, even, share=0.5)["precision"] == pytest.approx(1 / 3)
    assert at_capacity(DAYS, LEFT[::-1], even, share=0.5)["precision"] == pytest.approx(2 / 3)


def test_where_nobody_leaves_there_is_no_recall() -> None:
    campaign = at_capacity(pl.Series([date(2024, 3, 1)]), np.zeros(1), np.array([0.4]), share=0.1)
    assert campaign == {"contacted": 1, "precision": 0.0, "recall": None, "lift": None}
    nobody = at_capacity(DAYS.head(0), np.zeros(0), np.zeros(0), share=0.1)
    assert nobody == {"contacted": 0, "precision": None, "recall": None, "lift": None}
