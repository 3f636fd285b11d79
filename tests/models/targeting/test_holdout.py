"""A user in the holdout stays in the holdout."""

import polars as pl
import pytest

from models.targeting.holdout import arms


def test_a_user_stays_in_an_arm_and_a_larger_holdout_only_grows() -> None:
    users = pl.Series([f"u{number}" for number in range(4000)])
    small, large = arms(users, 0.1, "key"), arms(users, 0.3, "key")
    assert small.eq("holdout").mean() == pytest.approx(0.1, abs=0.02)
    assert (large.eq("holdout") | small.eq("contact")).all()
    assert arms(users.reverse(), 0.1, "key").reverse().equals(small)
    assert not arms(users, 0.1, "other").equals(small)
    assert arms(users, 0.0, "key").eq("contact").all()
