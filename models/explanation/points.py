"""Contributions in points of probability: what each adds to a row's calibrated probability.

Promise: a row's points add up to its calibrated probability minus the base probability.
"""

import numpy as np

from models.arrays import Floats
from models.learning.calibration import Calibration

_NO_STEP = 1e-6  # log-odds: below, a difference of probabilities is mostly rounding
_LOCAL_STEP = 1e-3  # log-odds


def base_probability(base_log_odds: float, calibration: Calibration) -> float:
    """The calibrated probability of a row whose contributions are all 0: the model's base rate."""
    return float(calibration.probability(np.array([base_log_odds]))[0])


def slopes(moved: Floats, base_log_odds: float, calibration: Calibration) -> Floats:
    """(rows,): points of probability per log-odds, for rows whose contributions add up to `moved` (rows,).

    Calibration and the logistic curve are not linear, so the order of adding contributions would matter. Instead all
    contributions of a row are scaled by one slope: the mean slope of probability between base and row. Signs and
    order stay the same, and the slope is bounded even if contributions nearly cancel. If they cancel fully (a sum
    below 1e-6) the local slope is used, since the quotient would be rounding error.
    """
    base = np.full(len(moved), base_log_odds)
    rise = calibration.probability(base + moved) - calibration.probability(base)
    rise_nearby = calibration.probability(base + _LOCAL_STEP) - calibration.probability(base - _LOCAL_STEP)
    still = np.abs(moved) < _NO_STEP
    return np.where(still, rise_nearby / (2 * _LOCAL_STEP), rise / np.where(still, 1.0, moved))


def points(contributions: Floats, slope: Floats, rise: Floats) -> Floats:
    """`contributions` (rows, parts) in log-odds, as points of probability that add up to `rise` (rows,).

    0.11 is 11 percentage points. The rounding error (contributions are exact to 1e-5 log-odds) is added to the
    row's largest part.
    """
    shares = contributions * slope[:, None]
    at, largest = np.arange(len(shares)), np.abs(shares).argmax(axis=1)
    shares[at, largest] += rise - shares.sum(axis=1)
    return np.asarray(shares, dtype=np.float64)
