"""Each kind of label equals a direct implementation of its definition, row by row."""

import math
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.labels.churn import Churn, Drop, Newcomers, Personal
from models.labels.horizon import horizon_days
from models.labels.label import with_label
from models.labels.under_contract import END_MARKS, START_MARKS, contract_ends, under_contract
from models.learning.split import ripe_range
from tests.support.rows import BEGIN, churn_of, day, drawn, made_up

DAYS = st.sets(st.integers(0, 80), min_size=1).map(sorted)
HISTORIES = st.dictionaries(st.sampled_from("abcd"), DAYS, min_size=1)
NEWCOMERS = st.builds(
    Newcomers, st.none() | st.integers(1, 6), st.none() | st.integers(0, 40), st.integers(1, 20)
)
PERSONAL = st.builds(
    Personal, st.sampled_from([0.3, 1.0, 1.1, 2.0]), st.sampled_from([0.25, 0.5, 0.75]), st.integers(1, 5),
    st.integers(5, 30),
)  # fmt: skip
DROPS = st.builds(Drop, st.sampled_from([0.1, 0.3, 0.5, 0.7]), st.integers(30, 60))
History = dict[str, list[int]]


def own_horizon(churn: Churn, days: list[int], at: int) -> int:
    """N of the login `days[at]`, by the definition."""
    if churn.kind == "personal":
        gaps = sorted(later - earlier for earlier, later in pairwise(days[: at + 1]))
        wanted = churn.horizon_days
        if len(gaps) >= 3:
            nth = math.ceil(Fraction(str(churn.personal.quantile)) * len(gaps))
            wanted = math.ceil(Fraction(str(churn.personal.times)) * gaps[nth - 1])
        return min(max(wanted, churn.personal.least_days), churn.personal.most_days)
    new = churn.newcomers
    early = new.logins is not None and at + 1 <= new.logins
    young = new.days is not None and days[at] - days[0] <= new.days
    return new.horizon_days if early or young else churn.horizon_days


def expected_label(
    churn: Churn, days: list[int], ends: list[int], at: int, end: int
) -> tuple[bool | None, bool, int]:
    """`churned`, `ripe` and `window_days` of the login `days[at]`, by the definition."""
    d, n = days[at], own_horizon(churn, days, at)
    first, last = d + churn.lead_days + 1, d + churn.lead_days + n
    visits = sum(first <= later <= last for later in days)
    if churn.kind == "cancel":
        churned = any(first <= over <= last for over in ends)
    elif churn.kind == "drop":
        usual = sum(d - churn.drop.usual_days < earlier <= d for earlier in days)
        exposure = min(max(d - days[0] + 1, n), churn.drop.usual_days)
        churned = visits < Fraction(str(churn.drop.share)) * Fraction(usual * n, exposure)
    else:
        churned = visits == 0
    ripe = last <= end
    return (churned if ripe else None), ripe, last - d


def ends_of(ends: History) -> pl.DataFrame:
    return drawn(**ends).select("user_id", pl.col("login_day").alias("day"))


@settings(deadline=None)
@given(
    HISTORIES, st.dictionaries(st.sampled_from("abcde"), DAYS), st.integers(0, 120),
    st.sampled_from(["inactivity", "drop", "cancel", "personal"]), st.integers(1, 25), st.integers(0, 8),
    NEWCOMERS, DROPS, PERSONAL,
)  # fmt: skip
def test_a_label_agrees_with_its_definition(
    history: History, ends: History, end: int, kind: str, horizon: int, lead: int, new: Newcomers, drop: Drop,
    personal: Personal,
) -> None:  # fmt: skip
    churn = churn_of(horizon, lead, kind, newcomers=new, drop=drop, personal=personal)  # type: ignore[arg-type]
    rows = with_label(drawn(**history), day(end), churn, ends_of(ends))
    expected = [
        expected_label(churn, days, ends.get(user, []), at, end)
        for user, days in history.items()
        for at in range(len(days))
    ]
    assert list(zip(rows["churned"], rows["ripe"], rows["window_days"], strict=True)) == expected
    assert rows["window_days"].max() <= churn.longest_days  # type: ignore[operator]


@settings(deadline=None)
@given(
    HISTORIES, st.integers(0, 80), st.sampled_from(["inactivity", "drop", "personal"]), NEWCOMERS, PERSONAL
)
def test_nothing_after_the_log_s_end_is_looked_at(
    history: History, end: int, kind: str, new: Newcomers, personal: Personal
) -> None:
    churn = churn_of(9, 2, kind, newcomers=new, personal=personal)  # type: ignore[arg-type]
    known = {user: kept for user, days in history.items() if (kept := [d for d in days if d <= end])}
    whole = with_label(drawn(**history), day(end), churn).filter(pl.col("login_day") <= day(end))
    assert whole.equals(with_label(drawn(**known), day(end), churn), null_equal=True)


def test_three_visits_a_month_that_become_one_are_a_drop_and_no_inactivity() -> None:
    days = [0, 10, 20, 30, 40, 50, 60, 80]
    rows = with_label(drawn(ann=days), day(120), churn_of(30, kind="drop", drop=Drop(0.5, 90)))
    plain = with_label(drawn(ann=days), day(120), churn_of(30))
    assert rows["churned"].to_list() == [False] * 6 + [True, True]
    assert plain["churned"].to_list() == [False] * 7 + [True]


def test_the_usual_is_looked_back_on_for_its_days_and_no_longer() -> None:
    churn = churn_of(30, kind="drop", drop=Drop(0.7, 30))
    rows = with_label(drawn(ann=[0, 30, 40], bob=[1, 30, 40]), day(70), churn)
    assert rows.filter(pl.col("login_number") == 2)["churned"].to_list() == [False, True]


def test_after_a_first_login_one_visit_is_enough() -> None:
    churn = churn_of(14, kind="drop", drop=Drop(0.9, 90))
    assert with_label(drawn(ann=[0, 14], bob=[0]), day(40), churn)["churned"].to_list() == [False, True, True]


def test_a_user_who_comes_daily_has_a_shorter_window_than_one_who_comes_weekly() -> None:
    rows = drawn(ann=[0, 1, 2, 3, 4], bob=[0, 7, 14, 21, 28])
    horizons = horizon_days(rows, churn_of(14, kind="personal", personal=Personal(2.0, 0.9, 3, 30)))
    assert horizons.tolist() == [14, 14, 14, 3, 3, 14, 14, 14, 14, 14]
    longer = drawn(bob=[0, 8, 16, 24])
    assert horizon_days(longer, churn_of(9, kind="personal", personal=Personal(2.0, 0.9, 3, 30))).tolist() == [
        9, 9, 9, 16,
    ]  # fmt: skip


DATES = (pl.lit(BEGIN) + pl.duration(days=pl.col("day"))).alias("day")


def marked(*days: tuple[str, int, int, int], starts: bool = True) -> pl.DataFrame:
    """User-days: user, day, number of starts, number of ends."""
    schema = {"user_id": pl.String, "day": pl.Int64, START_MARKS: pl.Int64, END_MARKS: pl.Int64}
    frame = pl.DataFrame(list(days), schema=schema, orient="row")
    return frame if starts else frame.drop(START_MARKS)


def test_a_contract_runs_from_a_start_to_an_end() -> None:
    days = marked(
        ("ann", 0, 0, 0), ("ann", 1, 1, 0), ("ann", 3, 0, 0), ("ann", 4, 0, 1), ("ann", 5, 0, 0), ("ann", 6, 1, 0),
        ("ann", 7, 1, 1), ("bob", 0, 0, 0), ("bob", 2, 0, 1),
    )  # fmt: skip
    assert under_contract(days).to_list() == [False, True, True, False, False, True, True, False, False]


def test_without_starts_a_contract_runs_until_its_first_end() -> None:
    days = marked(("ann", 0, 0, 0), ("ann", 4, 0, 1), ("ann", 5, 0, 0), ("bob", 9, 0, 0), starts=False)
    assert under_contract(days).to_list() == [True, False, False, True]
    assert contract_ends(days.with_columns(DATES), 0).rows() == [("ann", BEGIN + timedelta(days=4))]


def test_an_end_with_a_new_beginning_within_the_grace_is_none_and_counts_when_it_is_certain() -> None:
    days = marked(
        ("ann", 0, 1, 0), ("ann", 3, 0, 1), ("ann", 4, 1, 0), ("ann", 9, 1, 1), ("ann", 12, 0, 1), ("ann", 15, 1, 0),
        ("bob", 0, 1, 0), ("bob", 5, 0, 1),
    ).with_columns(DATES)  # fmt: skip
    ends = {
        grace: [(user, (day - BEGIN).days) for user, day in contract_ends(days, grace).rows()]
        for grace in (0, 1, 3)
    }
    assert ends == {
        0: [("ann", 3), ("ann", 12), ("bob", 5)], 1: [("ann", 13), ("bob", 6)], 3: [("bob", 8)],
    }  # fmt: skip


def test_on_a_day_with_both_the_order_of_the_events_decides_where_it_is_known() -> None:
    days = marked(("ann", 0, 1, 0), ("ann", 3, 1, 1), ("ann", 5, 0, 0), ("bob", 1, 1, 1)).with_columns(
        DATES, subscription=pl.Series([1, 0, None, 1])
    )
    assert under_contract(days).to_list() == [True, False, False, True]
    assert contract_ends(days, 0).rows() == [("ann", BEGIN + timedelta(days=3))]


def test_a_subscription_runs_to_the_last_paid_day_and_ends_when_no_payment_follows_in_time() -> None:
    paid = [None if one is None else (day(one) - date(1970, 1, 1)).days for one in (10, None, 20, None, 400)]
    days = marked(
        ("ann", 0, 1, 0), ("ann", 8, 0, 0), ("ann", 11, 1, 0), ("ann", 22, 0, 0), ("bob", 2, 1, 1)
    ).with_columns(DATES, paid_until=pl.Series(paid))  # fmt: skip
    assert under_contract(days).to_list() == [True, True, True, False, True]
    found = {grace: contract_ends(days, grace).rows() for grace in (0, 1)}
    assert found == {
        0: [("ann", day(11)), ("ann", day(21)), ("bob", day(401))], 1: [("ann", day(22)), ("bob", day(402))],
    }  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1), st.data())
def test_who_is_under_contract_is_known_that_day(marks: list[tuple[int, int]], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(marks)))
    for starts in (True, False):
        days = marked(*(("ann", at, begun, ended) for at, (begun, ended) in enumerate(marks)), starts=starts)
        assert under_contract(days.head(cut)).equals(under_contract(days).head(cut))


def test_the_ripe_days_end_where_the_first_long_window_is_open() -> None:
    rows = made_up(users=200).drop("churned", "ripe")
    churn = churn_of(30, newcomers=Newcomers(2, None, 7))
    labelled = with_label(rows, day(119), churn)
    assert labelled.filter("ripe")["login_day"].max() == day(112)
    assert ripe_range(labelled).last == day(89)
    assert ripe_range(with_label(rows, day(119), churn_of(30))).last == day(89)


def test_the_classes_of_windows_are_those_in_use_or_doublings() -> None:
    assert churn_of(14, 3).window_classes == (17,)
    assert churn_of(14, 3, newcomers=Newcomers(5, None, 7)).window_classes == (10, 17)
    personal = churn_of(14, 1, "personal", personal=Personal(2.0, 0.9, 7, 60))
    assert personal.window_classes == (8, 15, 29, 57, 61)
    assert personal.longest_days == 61


@pytest.mark.parametrize("kind", ["inactivity", "drop", "personal"])
def test_no_rows_have_no_labels(kind: str) -> None:
    rows = with_label(drawn(), date(2024, 1, 1), churn_of(3, kind=kind, newcomers=Newcomers(2, 3, 7)))  # type: ignore[arg-type]
    assert (rows.height, rows.schema["window_days"]) == (0, pl.Int32)
