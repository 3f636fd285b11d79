"""Reasons are the dimensions that raise the risk most, each told by its strongest feature."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.reasons import NO_REASON, top_reasons

FEATURES = ("gap", "logins", "minutes", "revenue", "orders")
DIMENSION = {
    "gap": "rhythm",
    "logins": "rhythm",
    "minutes": "intensity",
    "revenue": "spending",
    "orders": "spending",
}
ROWS = arrays(np.float64, st.tuples(st.integers(1, 6), st.just(5)), elements=st.floats(-3, 3))


def test_the_heaviest_dimension_comes_first_and_its_strongest_feature_speaks() -> None:
    row = np.array([[0.2, 0.9, 0.5, -0.1, 0.3]])
    assert [FEATURES[i] for i in top_reasons(row, FEATURES, DIMENSION)[0]] == ["logins", "minutes", "orders"]


def test_what_lowers_the_risk_is_no_reason() -> None:
    row = np.array([[-0.2, 0.1, 0.5, -0.9, 0.3]])
    assert top_reasons(row, FEATURES, DIMENSION)[0].tolist() == [2, NO_REASON, NO_REASON]


@given(ROWS)
def test_reasons_come_from_different_dimensions_in_falling_weight(rows: np.ndarray) -> None:
    for row, chosen in zip(rows, top_reasons(rows, FEATURES, DIMENSION), strict=True):
        told = [DIMENSION[FEATURES[i]] for i in chosen if i != NO_REASON]
        weight = [sum(row[j] for j, name in enumerate(FEATURES) if DIMENSION[name] == d) for d in told]
        assert len(set(told)) == len(told)
        assert weight == sorted(weight, reverse=True)
        assert all(value > 0 for value in weight)


def test_fewer_dimensions_than_reasons_leave_the_rest_empty() -> None:
    assert top_reasons(np.array([[1.0]]), ("gap",), DIMENSION).tolist() == [[0, NO_REASON, NO_REASON]]
