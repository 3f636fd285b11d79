"""When events are known: by the clock of their own zone, and from their arrival on."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from features.contract.parse import parse_contract
from features.events.extraction import extract_events, plan_events
from features.events.fields import FILE, LINE
from features.events.times import HAPPENED


def events_of(rows: dict[str, list[Any]], **contract: Any) -> pl.DataFrame:
    made = parse_contract({"format": "csv", "groups": {"use": ["open"]}, **contract}, "shop.yaml")
    count = len(next(iter(rows.values())))
    raw = pl.DataFrame({**rows, FILE: ["log.csv"] * count, LINE: list(range(2, 2 + count))})
    return extract_events(plan_events(made, raw.schema), raw, 0).events


def in_utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


ZONED = {
    "columns": {"user_id": "user", "at": "at", "timezone": "tz"},
    "time": {"timezone": "America/New_York"},
}


@pytest.mark.parametrize(
    ("written", "zone", "shown"),
    [
        ("2024-03-05 23:30", "Asia/Tokyo", in_utc(6, 4, 30)),
        ("2024-03-05 23:30", "America/New_York", in_utc(6, 4, 30)),
        ("2024-03-05 23:30", None, in_utc(6, 4, 30)),
        ("2024-03-05 23:30", "+05:30", in_utc(6, 4, 30)),
        ("2024-03-05T14:30:00Z", "Asia/Tokyo", in_utc(6, 4, 30)),
        ("2024-03-05T14:30:00Z", "+09", in_utc(6, 4, 30)),
    ],
)
def test_a_line_is_stored_as_the_contracts_clock_would_show_it(
    written: str, zone: str | None, shown: datetime
) -> None:
    found = events_of({"user": ["u"], "at": [written], "tz": pl.Series([zone], dtype=pl.String)}, **ZONED)
    assert found["at"].to_list() == [shown]


def test_a_line_with_an_unknown_zone_has_no_readable_time() -> None:
    assert events_of({"user": ["u"], "at": ["2024-03-05 23:30"], "tz": ["Mars/Base"]}, **ZONED).is_empty()


def test_with_zones_a_value_counts_only_when_the_first_day_that_ends_has_known_it() -> None:
    contract = parse_contract({"format": "csv", "groups": {"use": ["open"]}, **ZONED}, "shop.yaml")
    day = pl.lit("2024-03-05").str.to_date()
    assert pl.select(contract.known_until(day)).item() == in_utc(5, 10)
    assert pl.select(contract.known_day_of(pl.lit(in_utc(5, 11)))).item().day == 6


LATE = {"columns": {"user_id": "user", "at": "at", "received_at": "received"}}


@pytest.mark.parametrize(
    ("received", "at", "happened"),
    [
        ("2024-03-05 20:00", in_utc(5, 9), None),
        ("2024-03-07 20:00", in_utc(7, 20), in_utc(5, 9)),
        ("2024-03-04 20:00", in_utc(4, 20), None),  # a clock that is ahead
        (None, in_utc(5, 9), None),
        ("soon", in_utc(5, 9), None),
    ],
)
def test_a_late_event_is_known_from_its_arrival_on(
    received: str | None, at: datetime, happened: datetime | None
) -> None:
    rows = {"user": ["u"], "at": ["2024-03-05 09:00"], "received": pl.Series([received], dtype=pl.String)}
    found = events_of(rows, **LATE)
    assert found.select("at", HAPPENED).row(0) == (at, happened)
