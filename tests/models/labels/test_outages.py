"""A window that meets an outage has no outcome, whichever it would be; later rows stay."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.labels.label import with_label
from models.labels.outages import without_outages
from models.learning.split import ripe_range, still_open
from tests.support.rows import churn_of, day, drawn

OUTAGES = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 9)), max_size=3)


@given(st.sets(st.integers(0, 80), min_size=1).map(sorted), OUTAGES, st.integers(1, 20))
def test_a_window_has_an_outcome_if_no_day_of_it_lies_in_an_outage(
    days: list[int], lost: list[tuple[int, int]], horizon: int
) -> None:
    rows = with_label(drawn(ann=days), day(80), churn_of(horizon))
    cleared = without_outages(rows, "login_day", [(day(since), day(since + more)) for since, more in lost])
    gone = {number for since, more in lost for number in range(since, since + more + 1)}
    for before, after, number in zip(rows.rows(named=True), cleared.rows(named=True), days, strict=True):
        met = any(number + ahead in gone for ahead in range(1, horizon + 1))
        assert (after["churned"], after["ripe"]) == (
            (None, False) if met else (before["churned"], before["ripe"])
        )


def test_rows_after_an_outage_are_ripe_days_and_only_open_windows_end_them() -> None:
    rows = with_label(drawn(ann=list(range(0, 61, 2))), day(60), churn_of(5))
    cleared = without_outages(rows, "login_day", [(day(20), day(25))])
    assert cleared.filter(~pl.col("ripe"))["login_day"].to_list() == [
        *(day(number) for number in (16, 18, 20, 22, 24)), *(day(number) for number in (56, 58, 60)),
    ]  # fmt: skip
    assert cleared.filter(still_open(cleared))["login_day"].min() == day(56)
    assert ripe_range(cleared).last == day(54)
