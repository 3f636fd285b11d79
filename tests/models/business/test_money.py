"""Revenue, orders, buyers, movements of revenue, and concentration."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.business.groups import Members, drawn
from models.business.kpis import KPIS
from models.business.money import money_totals, paid_by_period, payers, revenue_movements, top_share
from models.business.periods import Periods
from models.business.subscriptions import MOVEMENTS

START = date(2024, 1, 1)
PERIODS = Periods("month", START, date(2024, 4, 30))
PAYMENTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 120), st.integers(0, 9000), st.integers(0, 3000)), min_size=1
)


def days_of(payments: list[tuple[int, int, int, int]]) -> pl.DataFrame:
    """User-days: user, day, revenue, refunds, and one order for each day with revenue."""
    rows = [(u, START + timedelta(days=d), r, b, int(r > 0)) for u, d, r, b in payments]
    return pl.DataFrame(
        rows,
        schema={
            "user": pl.Int64,
            "day": pl.Date,
            "revenue": pl.Int64,
            "refunds": pl.Int64,
            "orders": pl.Int64,
        },
        orient="row",
    )


@given(PAYMENTS)
def test_revenue_is_check_times_frequency_times_buyers(payments: list[tuple[int, int, int, int]]) -> None:
    days = days_of(payments)
    totals = money_totals(PERIODS, Members(np.arange(5)), paid_by_period(PERIODS, days["user"], days))
    sums = {name: part.sum(axis=1).astype(float) for name, part in totals.items()}
    kpi = {one.name: one for one in KPIS}
    product = kpi["average_check"].of(sums) * kpi["purchase_frequency"].of(sums) * kpi["buyers"].of(sums)
    assert np.nan_to_num(product) == pytest.approx(sums["revenue"])
    assert (sums["net"] == sums["revenue"] - sums["refunds"]).all()


@given(PAYMENTS, st.sets(st.tuples(st.integers(0, 4), st.integers(0, 3))))
def test_the_period_before_and_the_movements_add_up(
    payments: list[tuple[int, int, int, int]], held: set[tuple[int, int]]
) -> None:
    days = days_of(payments)
    paid = paid_by_period(PERIODS, days["user"], days)
    at_end = np.zeros((5, 4), dtype=bool)
    for cell in held:
        at_end[cell] = True
    members = Members(np.arange(5))
    totals = revenue_movements(PERIODS, members, paid, at_end)
    assert (totals["mrr_start"] + sum(totals[name] for name in MOVEMENTS) == totals["mrr_end"]).all()
    assert (totals["mrr_end"] == money_totals(PERIODS, members, paid)["net"]).all()
    assert (totals["mrr_start"][1:] == totals["mrr_end"][:-1]).all()


def test_what_a_lost_customer_paid_is_churn_and_what_a_kept_one_pays_less_is_contraction() -> None:
    days = days_of([(0, 3, 1000, 0), (1, 3, 1000, 0), (1, 40, 400, 0), (2, 40, 700, 0), (0, 100, 300, 0)])
    at_end = np.zeros((5, 4), dtype=bool)
    at_end[1] = True
    totals = revenue_movements(
        PERIODS, Members(np.arange(5)), paid_by_period(PERIODS, days["user"], days), at_end
    )
    moved = {name: totals[name].sum(axis=1).tolist() for name in MOVEMENTS}
    assert moved["mrr_new"] == [2000, 700, 0, 0]
    assert moved["mrr_churn"] == [0, -1000, -700, 0]
    assert moved["mrr_contraction"] == [0, -600, -400, 0]
    assert moved["mrr_reactivation"] == [0, 0, 0, 300]


def test_the_top_eight_percent_of_a_hundred_buyers_are_eight() -> None:
    days = days_of([(user, 3, 9200 if user < 8 else 100, 0) for user in range(100)])
    rows = payers(Members(np.arange(100)), paid_by_period(PERIODS, days["user"], days))
    value, resampled = top_share(rows, drawn(20, 1), 4)
    assert value[0] == pytest.approx(8 * 9200 / (8 * 9200 + 92 * 100))
    assert np.isnan(value[1:]).all()
    assert np.isfinite(resampled[:, 0]).any()
