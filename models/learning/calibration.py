"""Calibration: from a booster's log-odds to probabilities.

Promise: the map is strictly increasing, so calibration never makes a tie. Every probability lies strictly between
0 and 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit
from sklearn.isotonic import isotonic_regression

from models import artefacts
from models.arrays import Floats
from models.errors import DataError

Kind = Literal["identity", "sigmoid", "isotonic"]

ISOTONIC_ROWS, ISOTONIC_OF_EACH_CLASS = 10_000, 1_000
_SIGMOID_OF_EACH_CLASS = 20
_IDENTITY_ROWS = 1_000.0  # the weight of the identity, in rows
_SIGMOID_ROWS = 50.0  # the weight of the sigmoid in each block of the isotonic map, in rows
_LEAST_SLOPE = 0.05
_BLOCKS = 40
_LARGEST = 30.0  # log-odds: 1 - expit(30) is still far from the smallest double below 1


@dataclass(frozen=True, slots=True)
class Calibration:
    """A piecewise-linear map of log-odds: through `knots`, beyond the ends with slope `end_slope`."""

    kind: Kind
    knots_from: tuple[float, ...]
    knots_to: tuple[float, ...]
    end_slope: float

    def log_odds(self, raw: Floats) -> Floats:
        """Calibrated log-odds, strictly increasing in `raw`."""
        x, y = np.asarray(self.knots_from), np.asarray(self.knots_to)
        below, above = np.minimum(raw - x[0], 0.0), np.maximum(raw - x[-1], 0.0)
        return np.asarray(np.interp(raw, x, y) + self.end_slope * (below + above), dtype=np.float64)

    def probability(self, raw: Floats) -> Floats:
        """Probabilities of churn, strictly between 0 and 1."""
        return np.asarray(expit(np.clip(self.log_odds(raw), -_LARGEST, _LARGEST)), dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; `from_json` gives an equal calibration."""
        return artefacts.as_json(self)


IDENTITY = Calibration("identity", (0.0,), (0.0,), 1.0)


def from_json(value: Mapping[str, Any]) -> Calibration:
    """The inverse of `as_json`. Raises DataError when the map is not strictly increasing."""
    calibration = artefacts.from_json(Calibration, value, "calibration")
    increasing = all(
        a < b for knots in (calibration.knots_from, calibration.knots_to) for a, b in pairwise(knots)
    )
    same = len(calibration.knots_from) == len(calibration.knots_to) > 0
    if not (same and increasing and calibration.end_slope > 0):
        raise DataError(
            f"calibration: kind {calibration.kind!r}, {len(calibration.knots_from)} knots: not strictly increasing.\n"
            "Expected knots in increasing order and a slope above 0.\nTrain the model again: dvc repro train"
        )
    return calibration


def fit_calibration(raw: Floats, churned: Floats, weight: Floats) -> Calibration:
    """The calibration fitted to out-of-time log-odds `raw` and their outcomes (0.0 or 1.0).

    Isotonic from 10,000 rows with 1,000 of each class, else a sigmoid (Platt 1999, in log-odds) from 20 of
    each class, else the identity. `weight`: (rows,) 0 to 1, how far the model that predicted the row resembles the
    model to be calibrated. A row of weight w counts w for its label and 1 - w for the identity, since a model of
    fewer rows makes other errors. Rows of one period are dependent, so the sigmoid is shrunk towards the identity
    as by 1,000 more rows, and the isotonic map towards the sigmoid.
    """
    rarer = min(churned.sum(), len(churned) - churned.sum())
    if rarer < _SIGMOID_OF_EACH_CLASS:
        return IDENTITY
    sigmoid = _sigmoid(raw, churned, weight)
    if len(raw) < ISOTONIC_ROWS or rarer < ISOTONIC_OF_EACH_CLASS:
        return sigmoid
    return _isotonic(raw, churned, weight, sigmoid)


def _sigmoid(raw: Floats, churned: Floats, weight: Floats) -> Calibration:
    """Slope and intercept of minimal log loss, with `_IDENTITY_ROWS` more rows that follow the identity."""
    prior = _IDENTITY_ROWS / len(raw) + 1.0 - weight
    believed = (weight * churned + prior * expit(raw)) / (weight + prior)
    share = (weight + prior) / np.sum(weight + prior)

    def loss(ab: Floats) -> tuple[float, Floats]:
        fitted = ab[0] * raw + ab[1]
        wrong = share * (expit(fitted) - believed)
        value = -np.sum(share * (believed * log_expit(fitted) + (1 - believed) * log_expit(-fitted)))
        return float(value), np.array([np.sum(wrong * raw), np.sum(wrong)])

    bounds = [(_LEAST_SLOPE, None), (None, None)]
    slope, intercept = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds).x
    return Calibration("sigmoid", (0.0,), (float(intercept),), float(slope))


def _isotonic(raw: Floats, churned: Floats, weight: Floats, sigmoid: Calibration) -> Calibration:
    """Isotonic regression on blocks of equal mass, interpolated between the blocks' centres in log-odds.

    A block's share of churned rows includes `_SIGMOID_ROWS` more rows that follow the sigmoid, and 1 - w of each
    row follows the identity. Isotonic regression (Zadrozny & Elkan 2002) pools blocks that are out of order into
    one centre. Beyond the outermost centres the slope is 1.
    """
    edges = np.unique(np.quantile(raw, np.linspace(0, 1, _BLOCKS + 1)[1:-1]))
    block = np.searchsorted(edges, raw, side="right")
    _, block = np.unique(block, return_inverse=True)
    mass = np.bincount(block).astype(np.float64)
    centre = np.bincount(block, weights=raw) / mass
    believed = weight * churned + (1.0 - weight) * expit(raw)
    expected = np.bincount(block, weights=believed) + _SIGMOID_ROWS * expit(sigmoid.log_odds(centre))
    share = expected / (mass + _SIGMOID_ROWS)

    pooled = isotonic_regression(share, sample_weight=mass)
    level = np.concatenate([[0], np.cumsum(np.diff(pooled) > 0)])
    together = np.bincount(level, weights=mass)
    x = np.bincount(level, weights=mass * centre) / together
    y = logit(np.bincount(level, weights=mass * pooled) / together)
    steps = np.maximum(np.diff(y), _LEAST_SLOPE * np.diff(x))
    y = y[0] + np.concatenate([[0.0], np.cumsum(steps)])
    return Calibration("isotonic", tuple(x.tolist()), tuple(y.tolist()), 1.0)
