"""Reasons are the dimensions that raise the risk most, each represented by its strongest feature."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.explanation.reasons import NO_REASON, raised, ranked

FEATURES = ("gap", "logins", "minutes", "revenue", "orders")
DIMENSION = {
    "gap": "rhythm",
    "logins": "rhythm",
    "minutes": "intensity",
    "revenue": "spending",
    "orders": "spending",
}
ROWS = arrays(np.float64, st.tuples(st.integers(1, 6), st.just(5)), elements=st.floats(-3, 3))


def reasons(row: list[float], **given_: object) -> list[str]:
    counts = given_.pop("counts", {})
    factors = np.array([counts.get(name, 1.0) for name in FEATURES])  # type: ignore[attr-defined]
    raising = raised(np.array([row]), FEATURES, DIMENSION, factors)
    first = ranked(raising, **given_)[0]  # type: ignore[arg-type]
    return [FEATURES[raising.speaker[0, d]] for d in first if d != NO_REASON]


def test_the_heaviest_dimension_comes_first_and_its_strongest_feature_speaks() -> None:
    assert reasons([0.2, 0.9, 0.5, -0.1, 0.3]) == ["logins", "minutes", "orders"]


def test_what_lowers_the_risk_is_no_reason() -> None:
    assert reasons([-0.2, -0.1, 0.5, -0.9, 0.0]) == ["minutes"]


def test_what_lowers_the_risk_hides_nothing_that_raises_it() -> None:
    assert reasons([-2.0, 0.9, 0.5, 0.0, 0.0]) == ["logins", "minutes"]


def test_a_symptom_speaks_after_the_causes() -> None:
    assert reasons([0.2, 0.9, 0.5, 0.0, 0.1], symptoms={"rhythm": 0.05}) == ["minutes", "orders", "logins"]


def test_a_feature_that_counts_less_leaves_the_word_to_others() -> None:
    assert reasons([0.3, 0.9, 0.0, 0.0, 0.0], counts={"logins": 0.1}) == ["gap"]


def test_what_is_rare_among_peers_speaks_before_what_varies_anyway() -> None:
    spread = np.array([[0.01, 1.0, 1.0]])  # intensity, rhythm, spending
    assert reasons([0.0, 0.9, 0.2, 0.0, 0.1], spread=spread) == ["minutes", "logins", "orders"]


def test_what_weighs_next_to_nothing_speaks_last_however_rare_it_is() -> None:
    spread = np.array([[1e-9, 1.0, 1.0]])  # intensity, rhythm, spending
    assert reasons([0.0, 0.9, 0.1, 0.0, 0.3], spread=spread) == ["logins", "orders", "minutes"]


def test_what_is_the_same_for_all_peers_does_not_stand_out_in_each() -> None:
    spread = np.array([[0.0, 0.5, 0.5]])  # intensity, rhythm, spending
    assert reasons([0.0, 1.0, 0.1, 0.0, 0.0], spread=spread) == ["logins", "minutes"]
    assert reasons([0.0, 1.0, 0.9, 0.0, 0.0], spread=np.zeros((1, 3))) == ["logins", "minutes"]


def test_what_hardly_raises_the_risk_is_no_reason() -> None:
    assert reasons([0.0, 1.0, 0.051, 0.0, 0.049]) == ["logins", "minutes"]


@given(ROWS)
def test_reasons_come_from_different_dimensions_in_falling_weight(rows: np.ndarray) -> None:
    raising = raised(rows, FEATURES, DIMENSION)
    for row, chosen in enumerate(ranked(raising)):
        dimensions = [int(d) for d in chosen if d != NO_REASON]
        weight = [raising.weight[row, d] for d in dimensions]
        assert len(set(dimensions)) == len(dimensions)
        assert weight == sorted(weight, reverse=True)
        assert all(rows[row, raising.speaker[row, d]] > 0 for d in dimensions)


def test_fewer_dimensions_than_reasons_leave_the_rest_empty() -> None:
    raising = raised(np.array([[1.0]]), ("gap",), DIMENSION)
    assert ranked(raising).tolist() == [[0, NO_REASON, NO_REASON]]
