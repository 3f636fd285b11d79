"""Points of probability add up to the rise of the calibrated probability, and keep signs and order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.explanation.points import base_probability, points, slopes
from models.learning.calibration import IDENTITY, Calibration

BENT = Calibration("isotonic", (-2.0, 0.0, 1.0), (-3.0, -0.5, 2.0), 1.0)
PARTS = arrays(np.float64, st.tuples(st.integers(1, 5), st.just(4)), elements=st.floats(-3, 3))


@given(PARTS, st.floats(-3, 1), st.sampled_from([IDENTITY, BENT]))
def test_points_add_up_to_probability_less_base_rate(
    parts: np.ndarray, base: float, calibration: Calibration
) -> None:
    moved = parts.sum(axis=1)
    rise = calibration.probability(base + moved) - base_probability(base, calibration)
    slope = slopes(moved, base, calibration)
    shares = points(parts, slope, rise)
    assert shares.sum(axis=1) == pytest.approx(rise, abs=1e-12)
    assert np.isfinite(shares).all()
    assert (slope >= 0).all()
    assert (np.sign(shares) * np.sign(parts) >= 0)[np.abs(parts) > 1e-3].all()


def test_parts_that_cancel_keep_their_points() -> None:
    parts = np.array([[1.0, -1.0]])
    shares = points(parts, slopes(np.zeros(1), 0.0, IDENTITY), np.zeros(1))
    assert shares[0] == pytest.approx([0.25, -0.25], abs=1e-4)
