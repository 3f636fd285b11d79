"""The grade of a model against the best baseline: a letter, and a sentence with the reason."""

from dataclasses import dataclass
from typing import Literal

from models.metrics.bootstrap import Interval

Letter = Literal["A", "B", "C"]
CLEAR_GAIN = 0.005  # AUC: the interval's lower end of a clear gain
SMALL_CALIBRATION_ERROR = 0.03


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter and the reason."""

    letter: Letter
    because: str


def grade(gain: Interval, baseline: str, calibration_error: Interval) -> Grade:
    """The grade of a model whose AUC exceeds that of the best baseline by `gain`.

    - C: the 95 % interval of the gain includes 0 or lies below: use the baseline.
    - A: its lower end is at least 0.005 and the calibration error at most 0.03.
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
    if error > SMALL_CALIBRATION_ERROR:
        return Grade("B", f"{gained}; calibration error {error:.3f} is above {SMALL_CALIBRATION_ERROR}")
    return Grade("A", f"{gained}; calibration error {error:.3f}")
