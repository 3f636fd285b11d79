"""Faults of clocks are counted by kind, and a correct clock has none."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.events.clock_faults import NEIGHBOURS, day_faults, line_faults
from features.events.log_bounds import log_bounds
from features.timestamps import read_instants

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


def faults(*times: str, zone: str = "UTC", time_format: str | None = None) -> dict[str, int]:
    column = pl.Series(times, dtype=pl.String)
    return dict(line_faults(column, read_instants(column, (time_format,), zone), (time_format,), zone))


def hourly(hours: list[int]) -> list[str]:
    return [(MONDAY + timedelta(hours=hour)).isoformat() for hour in hours]


@pytest.mark.parametrize(
    ("time", "count"),
    [
        ("2015-03-02T10:00:00+518:00", 1),
        ("2015-03-02 10:00:00 -1500", 1),
        ("2015-03-02T10:00+15", 1),
        ("2015-03-02T10:00:00+1400", 0),
        ("2015-13-02T10:00:00+02:00", 0),  # unreadable, but not for its offset
        ("yesterday", 0),
        ("2015-03-02", 0),
    ],
)
def test_an_offset_beyond_14_hours_is_impossible(time: str, count: int) -> None:
    assert faults(time).get("impossible_offset", 0) == count


def test_times_that_the_clock_skips_or_shows_twice_are_counted_where_no_offset_says_which() -> None:
    times = (
        "2024-03-31 02:30:00",  # skipped in Berlin
        "2024-03-31 03:00:00",
        "2024-10-27 02:30:00",  # twice
        "2024-10-27 02:59:59",  # twice
        "2024-10-27 03:00:00",
        "2024-10-27T02:30:00+02:00",
        "2024-07-01 02:30:00",
    )
    assert faults(*times, zone="Europe/Berlin") == {"skipped_by_the_clock": 1, "shown_twice": 2}
    assert faults(*times, zone="UTC") == {}
    assert faults("2024-03-31 01:30:00", zone="Europe/London") == {"skipped_by_the_clock": 1}


def test_local_times_of_another_form_are_judged_too_and_epochs_and_dates_are_not() -> None:
    assert faults("31.03.2024 02:30", zone="Europe/Berlin", time_format="%d.%m.%Y %H:%M") == {
        "skipped_by_the_clock": 1
    }
    assert faults("1711848600", zone="Europe/Berlin", time_format="epoch_s") == {}
    assert faults("2024-09-08", zone="America/Santiago", time_format="%Y-%m-%d") == {}


@pytest.mark.parametrize("step", [1, -1])
def test_a_line_ahead_of_its_neighbours_shows_in_a_log_that_is_in_order_of_time(step: int) -> None:
    lines = hourly(list(range(2000))[::step])
    assert faults(*lines) == {}
    lines[700] = (MONDAY + timedelta(days=400)).isoformat()
    assert faults(*lines) == {"ahead_of_neighbours": 1}


def test_a_line_that_comes_late_is_not_ahead_and_a_log_in_no_order_is_not_judged() -> None:
    late = hourly(list(range(2000)))
    late[700] = MONDAY.isoformat()
    assert faults(*late) == {}
    by_user = hourly([hour for _ in range(40) for hour in (*range(99), 900)])
    assert faults(*by_user) == {}


def test_a_line_with_too_few_lines_around_it_is_not_judged() -> None:
    lines = hourly(list(range(2000)))
    lines[NEIGHBOURS - 1] = lines[-NEIGHBOURS] = (MONDAY + timedelta(days=400)).isoformat()
    assert faults(*lines) == {}


@given(st.integers(0, 2**32 - 1), st.integers(1, 100_000))
@settings(max_examples=20, deadline=None)
def test_no_line_of_a_sorted_log_is_ahead(seed: int, span_hours: int) -> None:
    hours = np.random.default_rng(seed).integers(0, span_hours, size=(2 * NEIGHBOURS + 1) * 25)
    assert faults(*hourly(sorted(hours.tolist()))) == {}


def test_events_of_1970_before_the_log_and_after_it_are_told_apart() -> None:
    days = [(date(2024, 1, 1) + timedelta(days=n), 100) for n in range(60)]
    days += [(date(1970, 1, 1), 2), (date(2001, 5, 5), 1), (date(2024, 3, 1), 1), (date(2031, 1, 1), 3)]
    counts = pl.DataFrame(days, schema={"day": pl.Date, "events": pl.UInt32}, orient="row")
    faults = day_faults(counts, log_bounds(counts, None), None)
    assert faults == {"in_1970": 2, "before_start": 1, "after_end": 3}  # 2024-03-01 is a last day cut short


def test_what_follows_a_given_end_is_no_fault() -> None:
    days = [(date(2024, 1, 1) + timedelta(days=n), 100) for n in range(60)]
    counts = pl.DataFrame(days, schema={"day": pl.Date, "events": pl.UInt32}, orient="row")
    assert day_faults(counts, log_bounds(counts, date(2024, 1, 20)), date(2024, 1, 20)) == {}
