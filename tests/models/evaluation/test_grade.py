"""A grade follows its stated rules."""

import pytest

from models.evaluation.grade import grade
from models.metrics.bootstrap import Interval


@pytest.mark.parametrize(
    ("low", "error", "base_rate", "letter", "because"),
    [
        (
            0.02,
            0.01,
            0.3,
            "A",
            "calibration error 0.010 is within 0.030, a tenth of the rarer outcome's share",
        ),
        (0.02, 0.05, 0.3, "B", "calibration error 0.050 is above 0.030"),
        (0.02, 0.01, 0.09, "B", "calibration error 0.010 is above 0.009"),
        (0.02, 0.01, 0.91, "B", "calibration error 0.010 is above 0.009"),
        (0.001, 0.01, 0.3, "B", "the lower end is below 0.005"),
        (0.0, 0.01, 0.3, "C", "not surely better"),
        (-0.1, 0.01, 0.3, "C", "not surely better"),
    ],
)
def test_the_letter_follows_gain_and_calibration(
    low: float, error: float, base_rate: float, letter: str, because: str
) -> None:
    graded = grade(Interval(0.03, low, 0.05), "silence", Interval(error, error, error), base_rate)
    assert graded.letter == letter
    assert because in graded.because
    assert "silence" in graded.because


def test_what_cannot_be_measured_is_graded_c() -> None:
    nothing = Interval()
    assert grade(nothing, "silence", nothing, 0.3).letter == "C"
