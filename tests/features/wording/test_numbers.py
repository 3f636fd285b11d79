"""Two numbers are told apart if and only if they read differently."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.wording.numbers import DURATION, LEVELS, ONCE_IN, SCALES, as_told, told

SPECS = (".0f", ".1f", ".2f", ".0%", "EUR", ONCE_IN, DURATION, *SCALES, *LEVELS)
VALUES = st.floats(0.0, 1.0) | st.floats(0.0, 5000.0)


@given(st.sampled_from(SPECS), VALUES, VALUES)
def test_numbers_that_are_equal_as_told_read_alike(spec: str, one: float, other: float) -> None:
    """Between 0 and the smallest amount a number is "less than" it, and what it is rounded to may be 0."""
    first, second = as_told(np.array([one, other]), spec)
    alike = told(one, spec) == told(other, spec)
    if min(first, second) > 0:
        assert (first == second) == alike


@given(st.sampled_from(SPECS), VALUES, VALUES)
def test_what_is_larger_is_not_told_as_smaller(spec: str, one: float, other: float) -> None:
    first, second = as_told(np.array([min(one, other), max(one, other)]), spec)
    assert first <= second


@pytest.mark.parametrize(
    ("value", "spec", "says"),
    [
        (456.0, ".1f", "456"),
        (9.0, ".1f", "9"),
        (0.02, ".1f", "less than 0.1"),
        (0.004, ".0%", "less than 1%"),
        (321.4, "EUR", "EUR 321"),
        (12.5, "EUR", "EUR 12.50"),
        (0.1, ONCE_IN, "every 300 days"),
        (60.0, ONCE_IN, "every day"),
        (0.0, ONCE_IN, "never"),
        (1 / 30, "of 30", "1"),
        (0.08, "weekdays", "on no particular weekday"),
        (1.0, "variety", "only one thing"),
    ],
)
def test_worked_examples(value: float, spec: str, says: str) -> None:
    assert told(value, spec) == says
