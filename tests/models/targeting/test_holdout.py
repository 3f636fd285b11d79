"""A user in the holdout stays in the holdout."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from models.targeting.holdout import arms, period_of


def test_a_user_stays_in_an_arm_and_a_larger_holdout_only_grows() -> None:
    users = pl.Series([f"u{number}" for number in range(4000)])
    small, large = arms(users, 0.1, "key"), arms(users, 0.3, "key")
    assert small.eq("holdout").mean() == pytest.approx(0.1, abs=0.02)
    assert (large.eq("holdout") | small.eq("contact")).all()
    assert arms(users.reverse(), 0.1, "key").reverse().equals(small)
    assert not arms(users, 0.1, "other").equals(small)
    assert arms(users, 0.0, "key").eq("contact").all()


def test_in_another_period_other_users_are_held_out() -> None:
    users = pl.Series([f"u{number}" for number in range(4000)])
    first, second = arms(users, 0.1, "key", "2024-Q1"), arms(users, 0.1, "key", "2024-Q2")
    both = (first.eq("holdout") & second.eq("holdout")).mean()
    assert both == pytest.approx(0.01, abs=0.006)


@pytest.mark.parametrize(
    ("period", "names"),
    [("month", ["2024-03", "2024-04"]), ("quarter", ["2024-Q1", "2024-Q2"]), ("year", ["2024", "2024"]),
     ("never", ["", ""])],
)  # fmt: skip
def test_a_period_has_a_name_of_its_own(period: str, names: list[str]) -> None:
    assert [period_of(day, period) for day in (date(2024, 3, 31), date(2024, 4, 1))] == names  # type: ignore[arg-type]


def test_strata_of_five_users_a_day_hold_out_the_share_on_average_and_each_stratum_within_one_user() -> None:
    days = []
    for day in range(400):
        users = pl.Series([f"u{number}" for number in range(10 * day, 10 * day + 10)])
        strata = pl.Series(["high", "low"] * 5)
        held = arms(users, 0.1, "key", f"day {day}", strata).eq("holdout")
        for stratum in ("high", "low"):
            assert held.filter(strata == stratum).sum() in {0, 1}
        days.append(held.mean())
    assert np.mean(days) == pytest.approx(0.1, abs=0.015)


def test_strata_do_not_depend_on_the_order_of_the_users() -> None:
    users, strata = pl.Series([f"u{number}" for number in range(90)]), pl.Series(["a", "b", "c"] * 30)
    straight = arms(users, 0.2, "key", "", strata)
    assert arms(users.reverse(), 0.2, "key", "", strata.reverse()).reverse().equals(straight)
