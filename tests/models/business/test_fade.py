"""The fade curve."""

import numpy as np
import pytest

from models.business.customers import Logins
from models.business.fade import FADE, WEEKS, fade_curve, fade_sums
from models.business.groups import drawn


def logins(days: dict[int, list[int]]) -> Logins:
    pairs = sorted((user, day) for user, own in days.items() for day in own)
    return Logins(np.array([user for user, _ in pairs]), np.array([20_000 + day for _, day in pairs]))


def test_use_that_fades_is_seen_week_by_week() -> None:
    # 8 weeks of daily use; the lost user comes every other day in the last week.
    daily = list(range(56))
    fading = [*range(49), 49, 51, 53, 55]
    sums = fade_sums(logins({0: fading, 1: daily}), np.array([0, 1]), np.array([True, False]))
    table = fade_curve(sums, drawn(20, 1))
    assert table.schema == FADE
    lost = table.filter(table["who"] == "lost")
    assert lost["login_days_per_week"].to_list()[:8] == pytest.approx([4, 7, 7, 7, 7, 7, 7, 7])
    assert lost["login_days_per_week"][8:].null_count() == WEEKS - 8  # nobody was a user so early
    stayed = table.filter(table["who"] == "stayed")
    assert stayed["login_days_per_week"][0] == pytest.approx(7)


def test_the_lost_are_compared_with_users_of_the_same_tenure() -> None:
    # The lost user is a newcomer; of the one who stayed, only the early weeks count.
    grown = [*range(0, 70, 2), *range(70, 140)]
    sums = fade_sums(logins({0: list(range(0, 13, 2)), 1: grown}), np.array([0, 1]), np.array([True, False]))
    table = fade_curve(sums, drawn(20, 1))
    stayed = table.filter(table["who"] == "stayed")
    assert stayed["login_days_per_week"][0] <= 4


def test_no_logins_give_an_empty_curve() -> None:
    nothing = Logins(np.array([], dtype=np.int64), np.array([], dtype=np.int64))
    table = fade_curve(
        fade_sums(nothing, np.array([], dtype=np.int64), np.array([], dtype=bool)), drawn(20, 1)
    )
    assert table["login_days_per_week"].null_count() == 2 * WEEKS
