"""For how long a payment pays: by the line's own date, its number of days, or its kind."""

from datetime import date
from typing import Any

import pytest

from features.errors import ContractError
from tests.features.events.test_extraction import contract, extract, raw

COLUMNS = {"user_id": "user", "at": "at", "kind": "kind"}
GROUPS = {"trade": ["month", "year"], "look": ["visit"]}
STARTS = {"subscription_start": ["month", "year"]}
DAY = date(1970, 1, 1).toordinal()


def paid_until(lines: list[tuple[str, str, str | None]], **words: Any) -> list[str | None]:
    shop = contract(groups=GROUPS, **words)
    kinds, days, plans = (list(values) for values in zip(*lines, strict=True))
    events = extract(shop, raw(user=["ann"] * len(lines), kind=kinds, at=days, plan=plans)).events
    return [
        None if day is None else date.fromordinal(DAY + int(day)).isoformat() for day in events["paid_until"]
    ]


LINES = [("month", "2024-01-31 23:30", "30"), ("visit", "2024-02-01", "9"), ("year", "2024-02-01", "365")]


def test_a_number_of_days_counts_from_the_day_of_the_payment() -> None:
    columns = COLUMNS | {"plan_days": "plan"}
    assert paid_until(LINES, columns=columns, meaning=STARTS) == ["2024-03-01", None, "2025-01-31"]


def test_plans_have_a_length_by_kind() -> None:
    meaning: dict[str, Any] = STARTS | {"renewal_days": {"month": 30, "year": 365}}
    assert paid_until(LINES, columns=COLUMNS, meaning=meaning) == ["2024-03-01", None, "2025-01-31"]
    with pytest.raises(
        ContractError, match=r"renewal_days and meaning\.subscription_start differ in the kind 'year'"
    ):
        contract(columns=COLUMNS, groups=GROUPS, meaning=STARTS | {"renewal_days": {"month": 30}})


def test_the_line_may_say_the_last_day_itself_in_the_log_s_format_or_as_iso() -> None:
    lines = [
        ("month", "20240131", "20240301"),
        ("year", "20240201", "2025-01-31"),
        ("visit", "20240201", "20240202"),
    ]
    words: dict[str, Any] = {"columns": COLUMNS | {"paid_until": "plan"}, "time": {"format": "%Y%m%d"}}
    assert paid_until(lines, **words, meaning=STARTS) == ["2024-03-01", "2025-01-31", None]


def test_a_payment_cannot_say_its_length_in_two_ways() -> None:
    with pytest.raises(ContractError, match=r"columns\.plan_days and columns\.paid_until both say"):
        contract(columns=COLUMNS | {"paid_until": "until", "plan_days": "plan"}, groups=GROUPS)
