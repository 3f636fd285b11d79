"""Population stability: shifts are found; usual changes and noise are not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checks.drift import References, psi, reference_of, references_from_json, shares_of, shift_of
from models.errors import DataError

NONE = np.zeros(1000, dtype=bool)


def normal(mean: float, rows: int = 1000, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 1, rows)


def test_the_index_of_a_drawn_example_is_that_of_the_formula() -> None:
    then, now = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    expected = (0.25 - 0.5) * math.log(0.5) + (0.75 - 0.5) * math.log(1.5)
    assert psi(then, now) == pytest.approx(expected)


SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(sum).map(lambda w: np.array(w) / sum(w))


@given(SHARES, SHARES)
def test_the_index_is_never_negative_and_zero_for_the_same(then: np.ndarray, now: np.ndarray) -> None:
    assert psi(then, now) >= 0
    assert psi(then, then) == 0


def test_missing_is_a_bin_and_a_bin_holds_its_upper_end() -> None:
    values = np.array([math.nan, 1.0, 2.0, 2.5, 9.0])
    assert shares_of(values, np.array([1.0, 2.5])).tolist() == pytest.approx([0.2, 0.2, 0.4, 0.2])


def test_a_shift_is_seen_and_the_same_again_is_not() -> None:
    reference = reference_of(normal(0), NONE)
    assert not shift_of(normal(0, seed=2), reference, 1000, 1000).exceeds(0.1)
    assert shift_of(normal(1.0, seed=2), reference, 1000, 1000).exceeds(0.25)


def test_few_users_must_move_further_than_many() -> None:
    reference = reference_of(normal(0), NONE)
    same = normal(0.0, rows=20, seed=3)
    assert shift_of(same, reference, 1000, 20).psi > 0.1
    assert not shift_of(same, reference, 1000, 20).exceeds(0.1)


def test_what_the_training_rows_do_anyway_is_no_news() -> None:
    ageing = np.concatenate([normal(0, 900), normal(2, 100)])
    reference = reference_of(ageing, np.arange(1000) >= 900)
    assert reference.usual_psi > 0.5
    assert not shift_of(normal(2, seed=4), reference, 1000, 1000).exceeds(0.1)


def test_a_feature_without_any_value_is_gone_if_it_had_some() -> None:
    lost = np.full(1000, math.nan)
    assert shift_of(lost, reference_of(normal(0), NONE), 1000, 1000).gone
    assert not shift_of(lost, reference_of(lost, NONE), 1000, 1000).gone


def test_norms_come_back_from_json_or_are_refused() -> None:
    references = References(
        7, reference_of(normal(0), NONE), {"a": reference_of(np.ones(1000), NONE)}, ("login",), ("amount",)
    )
    assert references_from_json(references.as_json()) == references
    broken = references.as_json()
    broken["features"]["a"]["shares"] = [1.0]
    with pytest.raises(DataError, match="a has 1 edges and 1 shares"):
        references_from_json(broken)
