"""Percentile and band of a probability."""

import numpy as np
import polars as pl
import pytest

from models.targeting.risk import risk_band, risk_percentile


def test_the_percentile_is_the_share_that_is_at_most_as_likely_to_go() -> None:
    assert risk_percentile(np.array([0.1, 0.4, 0.4, 0.9])) == pytest.approx([25, 75, 75, 100])
    assert risk_percentile(np.array([])).size == 0


def test_bands_begin_at_their_edges() -> None:
    frame = pl.DataFrame({"p": [0.19, 0.2, 0.49, 0.5]})
    assert frame.select(risk_band("p", 0.2, 0.5)).to_series().to_list() == ["low", "medium", "medium", "high"]
