"""Percentile and band of a probability."""

import numpy as np
import polars as pl
import pytest

from models.targeting.risk import arms, risk_band, risk_percentile


def test_the_percentile_is_the_share_that_is_at_most_as_likely_to_go() -> None:
    assert risk_percentile(np.array([0.1, 0.4, 0.4, 0.9])) == pytest.approx([25, 75, 75, 100])
    assert risk_percentile(np.array([])).size == 0


def test_bands_begin_at_their_edges() -> None:
    frame = pl.DataFrame({"p": [0.19, 0.2, 0.49, 0.5]})
    assert frame.select(risk_band("p", 0.2, 0.5)).to_series().to_list() == ["low", "medium", "medium", "high"]


def test_a_user_stays_in_an_arm_and_a_larger_holdout_only_grows() -> None:
    users = pl.Series([f"u{number}" for number in range(4000)])
    small, large = arms(users, 0.1, "key"), arms(users, 0.3, "key")
    assert small.eq("holdout").mean() == pytest.approx(0.1, abs=0.02)
    assert (large.eq("holdout") | small.eq("contact")).all()
    assert arms(users.reverse(), 0.1, "key").reverse().equals(small)
    assert not arms(users, 0.1, "other").equals(small)
    assert arms(users, 0.0, "key").eq("contact").all()
