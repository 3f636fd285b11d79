"""The exponent of growth."""

import pytest

from benchmarks.measurements.scale import exponent


@pytest.mark.parametrize("slope", [0.9, 1.0, 1.3])
def test_the_exponent_of_a_power_is_that_power(slope: float) -> None:
    assert exponent([(x, 3 * x**slope) for x in (1e6, 1e7, 1e8)]) == pytest.approx(slope)
