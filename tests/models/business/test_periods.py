"""Calendar periods of a log."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.business.periods import Grain, Periods, date_of, label_of
from models.labels.sequence import day_number

DAYS = st.dates(date(1999, 1, 1), date(2030, 1, 1))
GRAINS = st.sampled_from(("month", "week"))


def test_months_of_a_log_that_begins_and_ends_within_one() -> None:
    periods = Periods("month", date(2024, 1, 15), date(2024, 3, 31))
    assert periods.labels == ["2024-01", "2024-02", "2024-03"]
    assert periods.partial.tolist() == [True, False, False]
    assert periods.days.tolist() == [17, 29, 31]
    assert [date_of(int(day)) for day in periods.ends] == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
    ]


def test_weeks_begin_on_monday_and_have_the_year_of_their_thursday() -> None:
    periods = Periods("week", date(2024, 12, 30), date(2025, 1, 6))
    assert periods.labels == ["2025-W01", "2025-W02"]
    assert date_of(int(periods.begins[0])) == date(2024, 12, 30)
    assert periods.partial.tolist() == [False, True]


@given(GRAINS, DAYS, st.integers(0, 900))
def test_periods_cover_the_log_and_no_day_twice(grain: Grain, start: date, length: int) -> None:
    periods = Periods(grain, start, start + timedelta(days=length))
    assert periods.days.sum() == length + 1
    days = np.arange(day_number(start), day_number(start) + length + 1)
    index = periods.index_of(days)
    assert (np.bincount(index, minlength=len(periods)) == periods.days).all()
    assert all(
        label_of(grain, int(n)) == periods.labels[i]
        for n, i in zip(periods.number_of(days), index, strict=True)
    )
