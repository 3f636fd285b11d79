"""The grade of a model against the best baseline: a letter, and a sentence with the reason."""

from dataclasses import dataclass
from typing import Literal

from models.metrics.bootstrap import Interval

Letter = Literal["A", "B", "C"]
CLEAR_GAIN = 0.005  # AUC: the interval's lower end of a clear gain
SMALL_CALIBRATION_ERROR = 0.1  # as a share of the rarer class


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter and the reason."""

    letter: Letter
    because: str


def grade(gain: Interval, baseline: str, calibration_error: Interval, base_rate: float) -> Grade:
    """The grade of a model whose AUC exceeds that of the best `baseline` by `gain`.

    `base_rate`: the share of the evaluated rows that churned.

    - C: the 95 % interval of the gain includes 0 or lies below: use the baseline.
    - A: its lower end is at least 0.005 and the calibration error at most `calibration_bound`.
    - B: better than the baseline, but not clearly so or not well calibrated.
    """
    value, low, high, error = gain.value, gain.low, gain.high, calibration_error.value
    if value is None or low is None or high is None or error is None:
        return Grade("C", f"the gain over {baseline} could not be measured")
    gained = f"AUC {value:+.3f} ({low:+.3f} to {high:+.3f}) against {baseline}, the best baseline"
    if low <= 0:
        return Grade("C", f"{gained}: not surely better")
    if low < CLEAR_GAIN:
        return Grade("B", f"{gained}: better, but the lower end is below {CLEAR_GAIN}")
    bound = calibration_bound(base_rate)
    side = "above" if error > bound else "within"
    because = (
        f"{gained}; calibration error {error:.3f} is {side} {bound:.3f}, a tenth of the rarer outcome's share"
    )
    return Grade("B" if error > bound else "A", because)


def calibration_bound(base_rate: float) -> float:
    """The largest calibration error of a well calibrated model: a tenth of the share of the rarer class."""
    return SMALL_CALIBRATION_ERROR * min(base_rate, 1 - base_rate)
