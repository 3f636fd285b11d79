"""The label looks ahead exactly as far as its window."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from models.labels.label import return_days, with_label
from tests.support.rows import churn_of, day, drawn

HISTORIES = st.dictionaries(
    st.sampled_from("abcd"), st.sets(st.integers(0, 60), min_size=1).map(sorted), min_size=1
)


def test_a_login_is_the_last_when_no_other_follows_in_the_horizon() -> None:
    rows = with_label(drawn(ann=[0, 5, 20], bob=[3]), day(25), churn_of(7))
    assert rows["churned"].to_list() == [False, True, None, True]
    assert rows["ripe"].to_list() == [True, True, False, True]


def test_a_login_within_the_lead_does_not_count() -> None:
    rows = with_label(drawn(ann=[0, 2], bob=[0, 2, 4]), day(30), churn_of(5, 3))
    assert rows["churned"].to_list() == [True, True, False, True, True]


def test_the_last_day_of_the_horizon_counts_and_the_next_does_not() -> None:
    rows = with_label(drawn(ann=[0, 7], bob=[0, 8]), day(30), churn_of(7))
    assert rows.filter(pl.col("login_number") == 1)["churned"].to_list() == [False, True]


def test_return_days_are_null_when_the_log_has_no_later_login() -> None:
    assert return_days(drawn(ann=[0, 5, 20], bob=[3]), day(19)).to_list() == [5, None, None, None]


@settings(deadline=None)
@given(HISTORIES, st.integers(0, 70), st.integers(1, 30), st.integers(0, 10))
def test_labels_agree_with_looking_at_every_later_login(
    history: dict[str, list[int]], end: int, horizon: int, lead: int
) -> None:
    rows = with_label(drawn(**history), day(end), churn_of(horizon, lead))
    expected = [
        (
            None
            if d + lead + horizon > end
            else not any(d + lead < later <= d + lead + horizon for later in days if later <= end),
            d + lead + horizon <= end,
        )
        for days in history.values()
        for d in days
    ]
    assert list(zip(rows["churned"], rows["ripe"], strict=True)) == expected


@settings(deadline=None)
@given(HISTORIES, st.integers(0, 70))
def test_return_days_agree_with_looking_at_every_later_login(history: dict[str, list[int]], end: int) -> None:
    expected = [
        min((later - d for later in days if d < later <= end), default=None)
        for days in history.values()
        for d in days
    ]
    assert return_days(drawn(**history), day(end)).to_list() == expected


@settings(deadline=None)
@given(HISTORIES, st.integers(0, 60), st.integers(1, 20))
def test_a_ripe_label_does_not_change_when_the_log_grows(
    history: dict[str, list[int]], end: int, horizon: int
) -> None:
    early = with_label(drawn(**history), day(end), churn_of(horizon))
    late = with_label(drawn(**history), day(70), churn_of(horizon))
    ripe = early["ripe"]
    assert early.filter(ripe)["churned"].equals(late.filter(ripe)["churned"])


def test_rows_out_of_order_are_refused() -> None:
    rows = drawn(ann=[5, 0])
    with pytest.raises(DataError, match=r"user 'ann' has 2024-01-01 twice or after a later day"):
        with_label(rows, day(9), churn_of(1))
    with pytest.raises(DataError, match="a user's rows do not follow one another"):
        with_label(pl.concat([drawn(ann=[0], bob=[0]), drawn(ann=[1])]), day(9), churn_of(1))


def test_no_rows_have_no_labels() -> None:
    rows = with_label(drawn(), date(2024, 1, 1), churn_of(3))
    assert rows.schema["churned"] == pl.Boolean
    assert rows.height == 0
