"""The net promoter score of last answers."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from models.business.groups import Members
from models.business.nps import nps_error, nps_totals
from models.business.periods import Periods
from models.labels.sequence import day_number


def test_the_last_answer_of_a_user_counts_for_ninety_days() -> None:
    first = day_number(date(2024, 1, 1))
    answers = pl.DataFrame(
        {
            "user": [0, 0, 1, 2],
            "day": [first, first + 20, first + 5, first + 80],
            "score": [2.0, 9.0, 7.0, 6.0],
        }
    )
    periods = Periods("month", date(2024, 1, 1), date(2024, 5, 31))
    totals = nps_totals(periods, Members(np.array([0, 1, 2])), answers)
    sums = {name: part.sum(axis=1).tolist() for name, part in totals.items()}
    assert sums["answered"] == [2, 2, 3, 1, 1]  # those of January count up to the end of March


def test_the_error_is_that_of_a_score_of_three_values() -> None:
    answers = np.repeat([1, 0, -1], [50, 30, 20])
    error = nps_error(np.array([100.0]), np.array([50.0]), np.array([20.0]))
    assert error == pytest.approx([100 * answers.std() / 10])
