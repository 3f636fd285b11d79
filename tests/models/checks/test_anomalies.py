"""Planted outages, bots and wrong clocks are found, and nothing else."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.checks.anomalies import check_bots, check_clock, check_outages

BEGIN = date(2024, 1, 1)


def volumes(days: int = 120, level: float = 1000, seed: int = 3) -> pl.DataFrame:
    """Daily events with a weekend, a slow growth and the noise of counts."""
    number = np.arange(days)
    usual = level * np.where(number % 7 >= 5, 0.4, 1) * 1.01**number
    events = np.random.default_rng(seed).poisson(usual)
    dates = [BEGIN + timedelta(days=int(n)) for n in number]
    return pl.DataFrame({"day": dates, "events": events})


def with_events(daily: pl.DataFrame, **events: int) -> pl.DataFrame:
    """`daily` with other counts: d40=0 for the 40th day."""
    changed = daily["events"].to_list()
    for name, count in events.items():
        changed[int(name[1:])] = count
    return daily.with_columns(events=pl.Series(changed))


def off(daily: pl.DataFrame) -> list[int]:
    out_of_line = check_outages(daily, 6).figures["out_of_line"]
    return [(date.fromisoformat(entry["day"]) - BEGIN).days for entry in out_of_line]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [1, 20, 1000, 100_000])
def test_weekends_growth_and_small_counts_are_in_line(level: float, seed: int) -> None:
    assert off(volumes(level=level, seed=seed)) == []
    assert check_outages(volumes(level=level), 6).verdict == "pass"


def test_a_day_lost_a_day_halved_and_a_day_doubled_are_out_of_line() -> None:
    assert off(with_events(volumes(), d40=0, d44=700, d60=4000)) == [40, 44, 60]
    check = check_outages(with_events(volumes(), d40=0), 6)
    assert check.verdict == "warn"
    assert "1 of 120 days" in check.sentence
    assert "2024-02-10" in check.sentence


def test_a_fortnight_off_does_not_make_its_neighbours_odd() -> None:
    closed = {f"d{n}": 0 for n in range(40, 54)}
    assert off(with_events(volumes(), **closed)) == list(range(40, 54))
    soon_closed = {f"d{n}": 0 for n in range(22, 36)}  # of the four Tuesdays after the first, two
    assert off(with_events(volumes(), **soon_closed)) == list(range(22, 36))


def test_a_weekday_on_which_the_shop_is_closed_is_in_line_and_a_sale_on_it_is_not() -> None:
    closed = with_events(volumes(), **{f"d{n}": 0 for n in range(6, 120, 7)})
    assert off(closed) == []
    assert off(with_events(closed, d62=500)) == [62]


def test_at_most_ten_days_are_named_and_all_are_in_the_figures() -> None:
    check = check_outages(with_events(volumes(), **{f"d{n}": 0 for n in range(30, 42)}), 6)
    assert len(check.figures["out_of_line"]) == 12
    assert check.sentence.count("2024-") == 10
    assert "and 2 more" in check.sentence


@pytest.mark.parametrize("days", [1, 6, 8, 20])
def test_a_log_of_few_days_is_judged_as_far_as_it_goes(days: int) -> None:
    assert off(volumes(days=days)) == []


def test_a_machine_among_people_is_found_and_a_keen_person_is_not() -> None:
    random = np.random.default_rng(1)
    days = random.integers(1, 60, size=500)
    people = pl.DataFrame(
        {
            "user_id": [f"u{n}" for n in range(500)],
            "events": np.ceil(days * random.lognormal(2, 0.6, size=500)).astype(int),
            "days": days,
        }
    )
    assert check_bots(people, 5).verdict == "pass"
    crawler = pl.DataFrame({"user_id": ["crawler"], "events": [90_000], "days": [30]})
    check = check_bots(pl.concat([people, crawler], how="vertical_relaxed"), 5)
    assert (check.verdict, check.figures["above"], check.figures["first_ids"]) == ("warn", 1, ["crawler"])
    assert check.figures["share_of_events"] == pytest.approx(
        90_000 / (people["events"].sum() + 90_000), abs=1e-6
    )
    assert "crawler" not in check.sentence


def test_where_all_have_one_event_a_day_three_are_not_odd() -> None:
    users = pl.DataFrame({"user_id": list("abcdef"), "events": [9, 9, 9, 9, 9, 27], "days": [9] * 6})
    assert check_bots(users, 5).verdict == "pass"
    assert check_bots(users.clear(), 5).verdict == "pass"


def test_clock_faults_warn_but_for_the_hour_that_every_autumn_has_twice() -> None:
    none = dict.fromkeys(("impossible_offset", "shown_twice", "in_1970", "after_end"), 0)
    assert check_clock(none, 1000).verdict == "pass"
    assert check_clock(none | {"shown_twice": 60}, 1000).verdict == "pass"
    check = check_clock(none | {"shown_twice": 60, "in_1970": 2, "after_end": 1}, 1000)
    assert check.verdict == "warn"
    assert "1970-01-01, from a clock that was never set: 2;" in check.sentence
    assert check.figures["lines"] == 1000
