"""Population stability: shifts are found; usual changes and noise are not."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checks.drift import (
    Periods,
    Reference,
    References,
    Shift,
    effective_users,
    periods_of,
    psi,
    reference_of,
    references_from_json,
    shares_of,
    shift_of,
    usual_psi,
)
from models.errors import DataError
from tests.support.rows import drawn


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


def reference(values: np.ndarray, parts: int = 1) -> tuple[Reference, Periods]:
    """The reference of `values`, laid out in `parts` periods of 10 days, the newest first; a row is a user."""
    period = np.repeat(np.arange(parts), len(values) // parts)
    return reference_of(values, period, parts), Periods(10, 100.0, (len(values) / parts,) * parts)


def shift(
    values: np.ndarray, known: tuple[Reference, Periods], steps: float = 1.0, users: float = 1000
) -> Shift:
    return shift_of(values, *known, steps, users)


def test_a_shift_is_seen_and_the_same_again_is_not() -> None:
    known = reference(normal(0))
    assert not shift(normal(0, seed=2), known).exceeds(0.1)
    assert shift(normal(1.0, seed=2), known).exceeds(0.25)


def test_few_users_must_move_further_than_many() -> None:
    known = reference(normal(0))
    same = normal(0.0, rows=20, seed=3)
    assert shift(same, known, users=20).psi > 0.1
    assert not shift(same, known, users=20).exceeds(0.1)


def growing(*means: float) -> np.ndarray:
    """A thousand values a period, with these means, the newest period first."""
    return np.concatenate([normal(mean, seed=10 + place) for place, mean in enumerate(means)])


def test_a_column_that_grows_as_it_grew_in_training_has_not_moved() -> None:
    known = reference(growing(1.5, 1.0, 0.5, 0.0), 4)
    assert shift(normal(2.0, seed=2), known).psi > 0.2
    assert not shift(normal(2.0, seed=2), known).exceeds(0.1)
    assert shift(normal(3.0, seed=2), known).exceeds(0.1)
    assert shift(normal(1.0, seed=2), reference(growing(1.5, 1.5, 1.5, 1.5), 4)).exceeds(0.1)


def test_what_is_later_may_have_moved_further() -> None:
    known = reference(growing(1.5, 1.0, 0.5, 0.0), 4)
    assert shift(normal(2.7, seed=2), known, steps=1).exceeds(0.1)
    assert not shift(normal(2.7, seed=2), known, steps=3).exceeds(0.1)
    assert shift(normal(150.0, seed=2), known, steps=3).exceeds(0.1)


def test_beyond_the_length_of_training_the_longest_movement_is_extrapolated() -> None:
    known = reference(growing(0.4, 0.0), 2)
    (step,) = known[0].usual_by_distance
    assert shift(normal(0.4), known, steps=1).usual_psi == step > 0
    assert shift(normal(0.4), known, steps=3).usual_psi == pytest.approx(3 * step)
    assert usual_psi((), 3) == 0.0
    assert usual_psi((0.5, 0.2), 3) == 0.5


def test_a_period_without_rows_is_not_compared() -> None:
    period = np.repeat([0, 2], 1000)
    found = reference_of(growing(0.0, 0.0), period, 3)
    assert found.usual_by_distance[0] == 0.0
    assert 0 < found.usual_by_distance[1] < 0.05


def test_how_far_the_first_rows_of_a_log_moved_is_forgotten() -> None:
    (usual, _, _) = reference(growing(0.0, 0.0, 0.0, 9.0), 4)[0].usual_by_distance
    assert usual < 0.05
    assert reference(growing(9.0, 0.0, 0.0, 0.0), 4)[0].usual_by_distance[0] > 1


def test_a_column_that_grows_moves_as_far_at_each_step_whatever_its_distribution() -> None:
    steps = [np.random.default_rng(seed).exponential(5, 4000) + 10 * (3 - seed) for seed in range(4)]
    period = np.repeat(np.arange(4), 4000)
    found = reference_of(np.concatenate(steps), period, 4)
    later = np.random.default_rng(9).exponential(5, 4000) + 40
    found_shift = shift_of(later, found, Periods(10, 100.0, (4000.0,) * 4), 1.0, 4000)
    assert found_shift.psi > 1
    assert found_shift.psi == pytest.approx(found_shift.usual_psi, rel=0.1)


def test_periods_are_label_windows_from_the_newest_day_back_or_shorter_in_a_short_log() -> None:
    rows = drawn(ann=[0, 10, 11, 25, 39], bob=[39])
    periods, period = periods_of(rows, 10)
    assert (periods.step_days, period.tolist()) == (10, [3, 2, 2, 1, 0, 0])
    assert periods.users == (2.0, 1.0, 1.0, 1.0)
    assert periods_of(rows, 30)[0].step_days == 10
    later = drawn(cat=[59])
    assert periods.steps_to(later) == pytest.approx(2.0)
    assert periods.steps_to(later.clear()) == periods.steps_to(drawn(cat=[40])) == 1.0


def test_rows_before_the_newest_eight_periods_belong_to_none() -> None:
    periods, period = periods_of(drawn(ann=[*range(0, 200, 5)]), 10)
    assert (len(periods.users), period.max(), period.min()) == (8, 8, 0)


def test_a_user_with_most_of_the_rows_makes_the_evidence_small() -> None:
    assert effective_users(pl.Series(["a", "b", "c", "c"])) == pytest.approx(16 / 6)
    assert effective_users(pl.Series(["a"] * 5)) == 1.0
    assert effective_users(pl.Series([], dtype=pl.String)) == 0.0


def test_a_feature_without_any_value_is_gone_if_it_had_some() -> None:
    lost = np.full(1000, math.nan)
    assert shift(lost, reference(normal(0))).gone
    assert not shift(lost, reference(lost)).gone


def test_norms_come_back_from_json_or_are_refused() -> None:
    (found, periods), (flat, _) = reference(normal(0)), reference(np.ones(1000))
    references = References(periods, periods, found, {"a": flat}, ("login",), ("amount",))
    assert references_from_json(references.as_json()) == references
    broken = references.as_json()
    broken["features"]["a"]["shares"] = [1.0]
    with pytest.raises(DataError, match="a has 1 edges and 1 shares"):
        references_from_json(broken)
    short = references.as_json()
    short["periods"]["users"] = [5.0, 5.0]
    with pytest.raises(DataError, match="a has 0 distances, and there are 2 periods"):
        references_from_json(short)
