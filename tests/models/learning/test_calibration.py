"""Calibration corrects probabilities and never makes a tie."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from models.errors import DataError
from models.learning.calibration import IDENTITY, Calibration, fit_calibration, from_json

LEARNT = st.tuples(
    st.integers(0, 2**16),
    st.sampled_from([30, 400, 6_000]),
    st.floats(-3, 2),
    st.floats(-2, 3),
    st.sampled_from([0.001, 1.0]),
)


def outcomes(
    seed: int, rows: int, shift: float, slope: float, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    raw = random.normal(-1, 2, rows)
    raw = np.round(raw / step) * step
    churned = (random.random(rows) < expit(shift + slope * raw)).astype(np.float64)
    return raw, churned, random.uniform(0.2, 1, rows)


def fitted(given: tuple[int, int, float, float, float]) -> Calibration:
    return fit_calibration(*outcomes(*given))


@settings(deadline=None, max_examples=60)
@given(LEARNT, st.lists(st.integers(-25_000, 25_000), min_size=2, unique=True).map(sorted))
def test_calibration_is_strictly_increasing_and_inside_0_and_1(
    given_: tuple[int, int, float, float, float], thousandths: list[int]
) -> None:
    raw = np.array(thousandths) / 1_000
    calibration = fitted(given_)
    assert (np.diff(calibration.log_odds(raw)) > 0).all()
    probability = calibration.probability(raw)
    assert np.isfinite(probability).all()
    assert ((probability > 0) & (probability < 1)).all()
    assert (np.diff(probability) >= 0).all()


@settings(deadline=None, max_examples=40)
@given(LEARNT)
def test_calibration_survives_json_exactly(given_: tuple[int, int, float, float, float]) -> None:
    calibration = fitted(given_)
    assert from_json(json.loads(json.dumps(calibration.as_json()))) == calibration


@pytest.mark.parametrize(("rows", "kind"), [(20, "identity"), (2_000, "sigmoid"), (20_000, "isotonic")])
def test_the_kind_follows_the_data(rows: int, kind: str) -> None:
    assert fit_calibration(*outcomes(1, rows, 0, 1, 0.001)).kind == kind


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_much_data_mends_a_wrong_shift_and_slope(slope: float) -> None:
    """Predictions of the same model: a row of weight 1 counts fully."""
    predicted, churned, weight = outcomes(2, 60_000, 0.7, slope, 0.001)
    calibration = fit_calibration(predicted, churned, np.ones_like(weight))
    raw = np.linspace(-4, 2, 25)
    assert np.abs(calibration.probability(raw) - expit(0.7 + slope * raw)).max() < 0.04


def test_what_a_model_of_half_the_rows_got_wrong_is_half_believed() -> None:
    predicted, churned, weight = outcomes(2, 60_000, 0.7, 1, 0.001)
    moved = fit_calibration(predicted, churned, np.full_like(weight, 0.5)).log_odds(np.array([0.0]))
    assert 0.25 < moved[0] < 0.45


def test_little_data_changes_little() -> None:
    raw, churned, weight = outcomes(3, 60, 1.5, 1, 0.001)
    moved = fit_calibration(raw, churned, weight).probability(raw) - expit(raw)
    assert 0 < moved.mean() < 0.05


def test_a_score_that_runs_the_wrong_way_is_still_increasing() -> None:
    calibration = fit_calibration(*outcomes(4, 20_000, 0, -1, 0.001))
    assert (np.diff(calibration.log_odds(np.linspace(-8, 8, 200))) > 0).all()


def test_the_identity_changes_nothing() -> None:
    raw = np.linspace(-8, 8, 9)
    assert np.allclose(IDENTITY.probability(raw), expit(raw))


def test_a_map_that_is_not_increasing_is_refused() -> None:
    value = {"kind": "isotonic", "knots_from": [0.0, 1.0], "knots_to": [1.0, 1.0], "end_slope": 1.0}
    with pytest.raises(DataError, match="not strictly increasing"):
        from_json(value)
