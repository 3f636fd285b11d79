"""Revenue is carried on by the share of users who are still here, and no further."""

import numpy as np
import pytest

from models.value.survival import extensions, survival


def test_kaplan_and_meier_of_a_small_group() -> None:
    """One of four leaves on day 1; one of the three left is followed for 2 days only; one of two leaves on day 3."""
    here, gone = np.array([1, 2, 3, 5]), np.array([True, False, True, False])
    assert survival(here, gone, 5) == pytest.approx([1.0, 0.75, 0.75, 0.375, 0.375])


def test_where_nobody_leaves_revenue_grows_with_the_days() -> None:
    here, gone, bands = np.full(10, 50), np.zeros(10, dtype=bool), np.zeros(10, dtype=np.int64)
    assert extensions(here, gone, bands, 30, 90)[0] == pytest.approx(3.0)


def test_where_half_leave_early_it_grows_less_and_beyond_what_was_followed_they_go_on_leaving() -> None:
    here = np.array([5] * 50 + [40] * 50)
    gone = np.array([True] * 50 + [False] * 50)
    one = extensions(here, gone, np.zeros(100, dtype=np.int64), 30, 90)[0]
    assert 1.0 < one < 3.0
    share = survival(here, gone, 90)
    assert share[39] == 0.5
    assert 0.0 < share[89] < 0.5
    assert (np.diff(share) <= 0).all()


def test_no_horizon_beyond_the_judged_days_needs_nothing() -> None:
    assert extensions(np.array([3]), np.array([True]), np.array([0]), 30, 30) == (1.0, 1.0, 1.0, 1.0)
