"""Payments so far hold what was paid up to the day of the row, and nothing later."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.aggregation.payments import PAYMENTS, payments_so_far, tells_payments
from tests.support.rows import day

DAYS = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.integers(0, 30)),
    st.tuples(st.integers(0, 1), st.integers(0, 500), st.integers(0, 99)),
    min_size=1,
)
RECENT = 10


def days_of(table: dict[tuple[str, int], tuple[int, int, int]]) -> pl.DataFrame:
    rows = [(user, day(number), *measures) for (user, number), measures in sorted(table.items())]
    return pl.DataFrame(rows, schema=["user_id", "day", "logins", "revenue", "refunds"], orient="row")


def as_of(*known: tuple[str, int]) -> pl.DataFrame:
    rows = [(user, day(number)) for user, number in known]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "as_of": pl.Date}, orient="row")


def test_a_worked_example() -> None:
    """Ann came on day 2, paid 3.00 on day 4 and 5.00 on day 9, and had 1.00 back on day 12; later days are unknown."""
    days = days_of(
        {("ann", 2): (1, 0, 0), ("ann", 4): (1, 300, 0), ("ann", 9): (1, 500, 0), ("ann", 12): (0, 0, 100),
         ("ann", 20): (1, 9999, 0), ("bob", 1): (1, 77, 0)}
    )  # fmt: skip
    rows = payments_so_far(as_of(("ann", 15), ("ann", 3)), days, day(0), RECENT)
    assert dict(zip(PAYMENTS, rows.row(0), strict=True)) == {
        "observed_days": 16, "own_days": 14, "net_recent": 400, "net_so_far": 700, "paying_days": 2,
        "paying_span_days": 5, "days_since_paying": 6,
    }  # fmt: skip
    assert rows.row(1) == (4, 2, 0, 0, 0, None, None)


@settings(deadline=None)
@given(DAYS, st.integers(0, 30))
def test_no_later_payment_changes_a_row(table: dict[tuple[str, int], tuple[int, int, int]], cut: int) -> None:
    began = {user for (user, number), (logins, *_) in table.items() if logins and number <= cut}
    rows = as_of(*((user, cut) for user in sorted(began)))
    before = {key: measures for key, measures in table.items() if key[1] <= cut}
    whole, known = (payments_so_far(rows, days_of(each), day(0), RECENT) for each in (table, before or table))
    assert whole.equals(known)
    for (user, *_), row in zip(rows.iter_rows(), whole.to_dicts(), strict=True):
        paid = {number: r - b for (who, number), (_, r, b) in before.items() if who == user}
        assert row["net_so_far"] == sum(paid.values())
        assert row["net_recent"] == sum(net for number, net in paid.items() if number > cut - RECENT)


def test_user_days_without_amounts_tell_no_payments() -> None:
    assert tells_payments(["user_id", "day", "logins", "revenue", "refunds"])
    assert not tells_payments(["user_id", "day", "logins"])
