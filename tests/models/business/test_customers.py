"""Customers of each period: the identity, and every count beside a plain one."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.business.customers import Fall, Logins, customer_totals
from models.business.groups import Members
from models.business.periods import Periods
from models.business.spans import login_spans
from models.labels.sequence import day_number

START = date(2024, 1, 1)
FIRST = day_number(START)
FALL = Fall(share=0.5, usual_days=30)
LOGINS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 120)), min_size=1)


def counted(
    logins: set[tuple[int, int]], horizon: int, older: set[int], users: int = 6
) -> dict[str, list[int]]:
    user, day = (np.array(part) for part in zip(*sorted(logins), strict=True))
    day = day + FIRST
    periods = Periods("month", START, START + timedelta(days=120))
    totals = customer_totals(
        periods,
        Members(np.arange(users) % 3),
        login_spans(user, day, np.full(len(day), horizon)),
        Logins(user, day),
        np.isin(np.arange(users), list(older)),
        FALL,
    )
    return {name: sums.sum(axis=1).tolist() for name, sums in totals.items()}


@given(LOGINS, st.integers(1, 50), st.sets(st.integers(0, 5)))
def test_start_less_lost_plus_new_plus_returned_is_the_end(
    logins: set[tuple[int, int]], horizon: int, older: set[int]
) -> None:
    sums = counted(logins, horizon, older)
    for start, lost, new, returned, end in zip(
        *(sums[name] for name in ("start", "lost", "new", "returned", "end")), strict=True
    ):
        assert end == start - lost + new + returned
    assert sums["start"][1:] == sums["end"][:-1]


@given(LOGINS, st.integers(1, 50))
def test_counts_are_those_of_a_plain_loop(logins: set[tuple[int, int]], horizon: int) -> None:
    sums = counted(logins, horizon, set())
    periods = Periods("month", START, START + timedelta(days=120))
    days = {u: sorted(d + FIRST for who, d in logins if who == u) for u in range(6)}

    def here(user: int, at: int) -> bool:
        return any(at - horizon < d <= at for d in days[user])

    for p, (begin, end) in enumerate(zip(periods.begins, periods.ends, strict=True)):
        held = {u: (p > 0 and here(u, begin - 1), here(u, end)) for u in range(6)}
        first = {u for u in range(6) if days[u] and begin <= days[u][0] <= end}
        assert sums["lost"][p] == sum(a and not b for a, b in held.values())
        assert sums["new"][p] == sum(u in first for u, (a, b) in held.items() if b and not a)
        assert sums["new_and_lost"][p] == sum(not held[u][1] for u in first)
        assert sums["active"][p] == sum(any(begin <= d <= end for d in days[u]) for u in range(6))


@given(LOGINS, st.integers(1, 50), st.integers(0, 3))
def test_a_later_log_changes_no_period_that_is_over(
    logins: set[tuple[int, int]], horizon: int, months: int
) -> None:
    periods = Periods("month", START, START + timedelta(days=120))
    cut = int(periods.ends[months]) - FIRST
    known = {(user, day) for user, day in logins if day <= cut}
    if known:
        before, after = counted(known, horizon, set()), counted(logins, horizon, set())
        assert all(before[name][: months + 1] == after[name][: months + 1] for name in after)


def test_use_that_falls_below_half_the_usual_is_hidden_churn() -> None:
    daily = {(0, day) for day in range(31)} | {(1, day) for day in range(31)}
    february = {(0, 31 + day) for day in range(0, 29, 3)} | {(1, 31 + day) for day in range(0, 29, 2)}
    sums = counted(daily | february, 14, set())
    assert sums["asked"][1] == 2
    assert sums["hidden"][1] == 1  # 10 of 29 days against daily use; the other has 15


def test_a_user_older_than_the_log_is_never_new() -> None:
    sums = counted({(0, 40), (1, 40)}, 60, {0})
    assert (sums["new"][1], sums["returned"][1]) == (1, 1)
