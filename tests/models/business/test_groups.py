"""Sums by group, and resampling."""

import numpy as np
import polars as pl
import pytest

from models.business.groups import GROUPS, Members, added, drawn


def test_sums_of_users_and_of_rows_are_the_same() -> None:
    random = np.random.default_rng(3)
    members = Members(random.integers(0, GROUPS, 500))
    amounts = random.integers(0, 100, (500, 4))
    rows = pl.DataFrame(
        [(user, period, int(amounts[user, period])) for user in range(500) for period in range(4)],
        schema=["user", "period", "paid"],
        orient="row",
    )
    summed = members.summed(rows, ["paid"], 4)["paid"]
    assert (summed == members.by_group(amounts)).all()
    assert (added([{"paid": summed}, {"paid": summed}])["paid"] == 2 * summed).all()


def test_the_spread_of_resampled_sums_is_that_of_users() -> None:
    random = np.random.default_rng(5)
    paid = random.exponential(100, 20_000).round().astype(np.int64)
    members = Members(random.integers(0, GROUPS, len(paid)))
    totals = {"paid": members.by_group(paid[:, None])}
    spread = drawn(2000, 1).of(totals)["paid"].std()
    assert spread == pytest.approx(np.sqrt((paid.astype(float) ** 2).sum()), rel=0.15)


def test_the_same_seed_gives_the_same_draws() -> None:
    assert (drawn(20, 7).times == drawn(20, 7).times).all()
    assert (drawn(20, 7).times.sum(axis=1) == GROUPS).all()
