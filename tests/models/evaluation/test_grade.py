"""A grade follows its stated rules."""

import pytest

from models.evaluation.grade import grade
from models.metrics.bootstrap import Interval


@pytest.mark.parametrize(
    ("low", "error", "letter", "because"),
    [
        (0.02, 0.01, "A", "calibration error 0.010"),
        (0.02, 0.05, "B", "calibration error 0.050 is above 0.03"),
        (0.001, 0.01, "B", "the lower end is below 0.005"),
        (0.0, 0.01, "C", "not surely better"),
        (-0.1, 0.01, "C", "not surely better"),
    ],
)
def test_the_letter_follows_gain_and_calibration(low: float, error: float, letter: str, because: str) -> None:
    graded = grade(Interval(0.03, low, 0.05), "silence", Interval(error, error, error))
    assert graded.letter == letter
    assert because in graded.because
    assert "silence" in graded.because


def test_what_cannot_be_measured_is_graded_c() -> None:
    nothing = Interval()
    assert grade(nothing, "silence", nothing).letter == "C"
