"""Each baseline on users whose expected revenue one can work out by hand."""

import numpy as np
import polars as pl
import pytest

from models.value.baselines import Shrunk, fit_shrunk, own_days, shrunk, trailing
from models.value.rows import AHEAD
from tests.support.value_rows import DAYS, HORIZON_OF_VALUE, data

ROWS = pl.DataFrame(
    {
        "login_number": [1, 30, 30],
        "observed_days": [100, 100, 40],
        "own_days": [5, 100, 40],
        "net_recent": [1000, 9000, -300],
        "net_so_far": [1000, 30000, 8000],
    }
)


def test_trailing_divides_by_the_days_of_the_log_and_own_days_by_the_user_s() -> None:
    assert trailing(ROWS, 90, 9) == pytest.approx([1.0, 9.0, 0.0])
    assert own_days(ROWS, 90, 9) == pytest.approx([18.0, 9.0, 0.0])


def test_shrunk_gives_a_newcomer_nearly_the_band_s_mean() -> None:
    model = Shrunk((0.5, 1.0, 1.0, 2.0), days=20.0)
    expected = [(10 + 0.5 * 20) / 25, (300 + 2.0 * 20) / 120, (80 + 2.0 * 20) / 60]
    assert shrunk(ROWS, model, 10) == pytest.approx([10 * rate for rate in expected])


def test_the_days_that_the_band_s_mean_counts_for_follow_from_the_rows() -> None:
    """Where what was paid says nothing of what comes, the band's mean counts for long; where it says all, hardly."""
    rows = data().rows
    random = np.random.default_rng(1).permutation(rows[AHEAD].to_numpy())
    nothing = fit_shrunk(rows.with_columns(pl.Series(AHEAD, random)), DAYS)
    rate = rows["net_so_far"].clip(lower_bound=0) / rows["own_days"]
    everything = fit_shrunk(rows.with_columns((rate * DAYS).cast(pl.Int64).alias(AHEAD)), DAYS)
    assert nothing.days > 5 * fit_shrunk(rows, DAYS).days
    assert everything.days < 5
    assert HORIZON_OF_VALUE > DAYS
