"""Wrong clocks do not change the bounds of a log."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import ContractError
from features.events.log_bounds import LogBounds, log_bounds

FIRST = date(2024, 1, 1)


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


def bounds(counts: dict[int, int], ends_on: date | None = None) -> LogBounds:
    days = pl.DataFrame(
        {"day": [on(day) for day in counts], "events": list(counts.values())},
        schema={"day": pl.Date, "events": pl.UInt32},
    )
    return log_bounds(days, ends_on)


STEADY = dict.fromkeys(range(180), 1000)
SPARSE = dict.fromkeys(range(0, 60, 3), 1)


@pytest.mark.parametrize(
    ("counts", "start", "end"),
    [
        pytest.param(STEADY, 0, 179, id="a steady log ends on its last day"),
        pytest.param(STEADY | {180: 40}, 0, 179, id="a last day with next to nothing is not complete"),
        pytest.param(STEADY | {180: 400}, 0, 180, id="a quiet last day is"),
        pytest.param(STEADY | {545: 1}, 0, 179, id="one clock a year ahead"),
        pytest.param(STEADY | dict.fromkeys(range(180, 545), 2), 0, 179, id="a thin tail of clocks ahead"),
        pytest.param(STEADY | {181: 3, 184: 1, 190: 2}, 0, 179, id="clocks some days ahead"),
        pytest.param(STEADY | {-19723: 5}, 0, 179, id="clocks of 1970"),
        pytest.param(STEADY | {-19723: 1, 365: 2}, 0, 179, id="clocks at both ends"),
        pytest.param(SPARSE, 0, 57, id="a log of a few events"),
        pytest.param(SPARSE | {90: 1}, 0, 57, id="a log of a few events and a clock ahead"),
        pytest.param(SPARSE | {-19723: 1}, 0, 57, id="a log of a few events and a clock of 1970"),
        pytest.param({0: 1}, 0, 0, id="a log of one event"),
        pytest.param(
            {d: 1000 for d in range(180) if not 100 <= d < 140}, 0, 179, id="an outage is no end"
        ),
        pytest.param(
            {d: 2 if d % 7 in (5, 6) else 500 for d in range(180)}, 0, 179, id="a log of working days"
        ),
        pytest.param({d: max(1, 4000 >> (d // 30)) for d in range(360)}, 0, 359, id="a product that fades"),
        pytest.param({d: 1 << (d // 30) for d in range(360)}, 0, 359, id="a product that grows"),
    ],
)  # fmt: skip
def test_the_bounds_are_the_days_that_a_person_would_name(
    counts: dict[int, int], start: int, end: int
) -> None:
    result = bounds(counts)
    assert (result.log_start, result.log_end) == (on(start), on(end))
    assert result.before_start == sum(n for day, n in counts.items() if day < start)
    assert result.after_end == sum(n for day, n in counts.items() if day > end)


def test_the_end_may_be_given() -> None:
    result = bounds(STEADY, on(99))
    assert (result.log_end, result.after_end) == (on(99), 80 * 1000)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(
        ContractError, match=r"log\.ends_on \(or --as-of\) = 2023-12-31: the log begins only on"
    ):
        bounds(STEADY, on(-1))


def test_an_end_after_the_last_day_is_refused() -> None:
    with pytest.raises(
        ContractError,
        match=r"log\.ends_on = 2024-06-29: the last day of the log is 2024-06-28\.\n.*2024-06-28 or.*null",
    ):
        bounds(STEADY, on(180))
    assert bounds(STEADY, on(179)).log_end == on(179)


def test_a_clock_ahead_makes_no_later_end_possible() -> None:
    with pytest.raises(
        ContractError, match=r"log\.ends_on = 2024-07-18: the last day of the log is 2024-06-28"
    ):
        bounds(STEADY | {545: 1}, on(199))


def test_an_end_on_a_day_without_events_is_the_end() -> None:
    working_days = {day: 10 for day in range(60) if day % 7 not in (5, 6)}
    assert bounds(working_days, on(34)).log_end == on(34)


def test_what_comes_after_a_given_end_does_not_move_the_start() -> None:
    early = dict.fromkeys(range(10), 1)
    later = dict.fromkeys(range(120, 300), 1000)
    assert bounds(early | later).log_start == on(120)
    assert bounds(early | later, on(9)) == LogBounds(on(0), on(9), 0, 180 * 1000)


@settings(deadline=None)
@given(st.dictionaries(st.integers(-1000, 1000), st.integers(1, 50), min_size=1, max_size=60), st.data())
def test_a_log_with_a_given_end_has_the_bounds_of_the_log_cut_there(
    counts: dict[int, int], data: st.DataObject
) -> None:
    end = data.draw(st.sampled_from(sorted(counts)))
    cut = {day: count for day, count in counts.items() if day <= end}
    whole, alone = bounds(counts, on(end)), bounds(cut, on(end))
    assert replace(whole, after_end=0) == alone
    assert whole.after_end == sum(count for day, count in counts.items() if day > end)


@settings(deadline=None)
@given(
    st.lists(st.integers(200, 400), min_size=60, max_size=200),
    st.lists(st.integers(300, 20_000), max_size=2),
    st.lists(st.integers(-20_000, -200), max_size=1),
)
def test_stray_clocks_move_neither_bound(counts: list[int], ahead: list[int], behind: list[int]) -> None:
    steady = dict(enumerate(counts))
    strays = dict.fromkeys([*ahead, *behind], 1)
    result, alone = bounds(steady | strays), bounds(steady)
    assert (result.log_start, result.log_end) == (alone.log_start, alone.log_end)
    assert (result.log_start, result.log_end) == (on(0), on(len(counts) - 1))


@settings(deadline=None)
@given(st.dictionaries(st.integers(-1000, 1000), st.integers(1, 50), min_size=1, max_size=60))
def test_every_event_is_within_or_counted_outside(counts: dict[int, int]) -> None:
    result = bounds(counts)
    within = sum(n for day, n in counts.items() if result.log_start <= on(day) <= result.log_end)
    assert within + result.before_start + result.after_end == sum(counts.values())
    assert result.log_start in map(on, counts)
    assert result.log_end in map(on, counts)
