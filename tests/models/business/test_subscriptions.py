"""MRR and its movements."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.business.groups import Members
from models.business.kpis import KPIS
from models.business.periods import Periods
from models.business.spans import FOR_EVER, Spans
from models.business.subscriptions import (
    MARKS,
    MOVEMENTS,
    Subscriptions,
    movements,
    mrr_totals,
    subscriptions,
)
from models.labels.sequence import day_number

START = date(2024, 1, 1)
FIRST = day_number(START)


def marks(*lines: tuple[int, int, bool, int | None, int]) -> pl.DataFrame:
    """Marks from user, day, whether it starts, length in days, amount."""
    rows = [
        {
            "user": user, "at": datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day), "day": FIRST + day,
            "starts": starts, "paid_until": FIRST + day + length if length and starts else None,
            "length_days": length, "amount_minor": amount,
        }
        for user, day, starts, length, amount in lines
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=MARKS).sort("user", "at", "starts")


def spans_of(subscribed: Subscriptions) -> list[tuple[int, int, int]]:
    spans = subscribed.spans
    return [
        (int(user), int(begin) - FIRST, int(end) - FIRST)
        for user, begin, end in zip(spans.user, spans.begin, spans.end, strict=True)
    ]


def rate(name: str, sums: dict[str, np.ndarray]) -> np.ndarray:
    return next(kpi for kpi in KPIS if kpi.name == name).of(sums)


def test_the_worked_example_of_chartmogul() -> None:
    # MRR 100 at the start; 10 churn, 10 contract, 10 expand: 20 % gross and 10 % net MRR churn.
    sums = {
        "mrr_start": np.array([100.0]), "mrr_churn": np.array([-10.0]), "mrr_contraction": np.array([-10.0]),
        "mrr_expansion": np.array([10.0]), "mrr_reactivation": np.array([0.0]),
    }  # fmt: skip
    assert rate("gross_mrr_churn", sums) == pytest.approx([0.2])
    assert rate("net_mrr_churn", sums) == pytest.approx([0.1])


def test_the_same_example_from_subscriptions() -> None:
    # Ten users pay 10 each; in February one leaves, two pay 5 less each, and one pays 10 more.
    level = dict.fromkeys(range(10), 1000)
    user = [*level, 1, 2, 3]
    begin = [0] * 10 + [40, 40, 40]
    end = [40 if who < 4 else FOR_EVER for who in level] + [FOR_EVER] * 3
    mrr = [1000] * 10 + [500, 500, 2000]
    order = np.lexsort((begin, user))
    spans = Spans(*(np.array(part)[order] + (0 if part is user else FIRST) for part in (user, begin, end)))
    periods = Periods("month", START, date(2024, 2, 29))
    totals = mrr_totals(
        periods, Members(np.zeros(10, dtype=np.int64)), Subscriptions(spans, np.array(mrr)[order])
    )
    sums = {name: part.sum(axis=1) / 100 for name, part in totals.items()}
    assert sums["mrr_start"].tolist() == [0, 100]
    assert [sums[name][1] for name in MOVEMENTS] == [0, 10, -10, -10, 0]
    assert rate("gross_mrr_churn", sums)[1] == pytest.approx(0.2)
    assert rate("net_mrr_churn", sums)[1] == pytest.approx(0.1)


def test_a_payment_that_does_not_come_ends_the_subscription_after_the_days_of_grace() -> None:
    assert spans_of(subscriptions(marks((0, 0, True, 30, 1000)), 3)) == [(0, 0, 34)]
    late = marks((0, 0, True, 30, 1000), (0, 33, True, 30, 1000))
    assert spans_of(subscriptions(late, 3)) == [(0, 0, 33), (0, 33, 67)]


def test_an_end_lets_it_run_up_to_the_last_day_that_is_paid_for() -> None:
    assert spans_of(subscriptions(marks((0, 0, True, 30, 1000), (0, 10, False, None, 0)), 3)) == [(0, 0, 31)]


def test_an_end_without_paid_days_ends_it_on_its_day() -> None:
    assert spans_of(subscriptions(marks((0, 0, True, None, 1000), (0, 10, False, None, 0)), 3)) == [
        (0, 0, 10)
    ]


def test_an_end_and_a_start_at_one_instant_are_a_change_of_plan() -> None:
    changed = marks((0, 0, True, 30, 1000), (0, 10, False, None, 0), (0, 10, True, 30, 2000))
    assert spans_of(subscriptions(changed, 0)) == [(0, 0, 10), (0, 10, 41)]
    moves = movements(subscriptions(changed, 0))
    assert moves["movement"].to_list() == ["mrr_new", "mrr_expansion", "mrr_churn"]


LINES = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 150), st.booleans(), st.sampled_from((None, 7, 30, 365)),
        st.integers(0, 5000),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@given(LINES, st.integers(0, 5))
def test_start_and_movements_add_up_to_the_end(
    lines: list[tuple[int, int, bool, int | None, int]], grace: int
) -> None:
    periods = Periods("month", START, START + timedelta(days=150))
    subscribed = subscriptions(marks(*lines), grace)
    totals = mrr_totals(periods, Members(np.arange(4)), subscribed)
    moved = sum(totals[name] for name in MOVEMENTS)
    assert (totals["mrr_start"] + moved == totals["mrr_end"]).all()
    spans = subscribed.spans
    for period, end in enumerate(periods.ends):
        running = (spans.begin <= end) & (end < spans.end)
        assert totals["mrr_end"][period].sum() == subscribed.mrr_minor[running].sum()
        per_user = np.bincount(spans.user[running], subscribed.mrr_minor[running], 4)
        if period + 1 < len(periods):
            assert totals["subscribers"][period + 1].sum() == (per_user > 0).sum()


@given(LINES, st.integers(0, 5))
def test_a_user_has_one_subscription_at_a_time(
    lines: list[tuple[int, int, bool, int | None, int]], grace: int
) -> None:
    spans = subscriptions(marks(*lines), grace).spans
    same = spans.user[1:] == spans.user[:-1]
    assert (spans.begin[1:][same] >= spans.end[:-1][same]).all()
