"""What the demo's list says of its users is counted against the simulation's truth."""

from datetime import date

import polars as pl
import pytest

from benchmarks.list_words import figures_of
from pipeline.evaluation.planted_causes import DIMENSIONS_OF

DAY = date(2024, 3, 1)


def test_shares_are_of_the_unstrained_of_leavers_and_of_the_contacted() -> None:
    listed = pl.DataFrame(
        {
            "user_id": ["calm", "worried", "stuck", "alone", "weak"],
            "last_login_day": [DAY] * 5,
            "cause": [None, "STUCK", "STUCK", None, "STUCK"],
            "reason_1": [None, "goals_30d", "goals_30d", "goals_30d", "goals_30d"],
            "action": ["watch", "contact", "contact", "watch", "watch"],
            "goal": [None, None, "reach a goal", None, None],
        }
    )
    truth = pl.DataFrame(
        {
            "user_id": listed["user_id"],
            "login_day": [DAY] * 5,
            "left": [False, False, True, True, True],
            "cause": [None, None, "stuck", "friends_gone", "boredom"],
            "strongest": [None, None, "stuck", "friends_gone", "stuck"],
            **{f"latent_{cause}": [0.0, 0.09, 0.5, 0.5, 0.5] for cause in DIMENSIONS_OF},
        }
    )
    found = figures_of(listed, truth, {"goals_30d": "progress"})
    assert (found["users"], found["unstrained"], found["leavers"]) == (
        5,
        2,
        2,
    )  # the weak one's cause was not the strongest
    assert found["unstrained, no_cause"] == found["unstrained, watched"] == 0.5
    assert found["leavers, no_cause"] == found["leavers, watched"] == 0.5
    assert (found["leavers with a reason"], found["leavers, first_reason"]) == (2, 0.5)
    assert (found["contacted"], found["contacted, goal"]) == (2, pytest.approx(0.5))
