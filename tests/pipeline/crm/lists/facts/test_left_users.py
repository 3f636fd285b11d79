"""Who has left, since when, and the chance to return."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipeline.crm.lists.facts.left_users import left_users
from pipeline.crm.lists.facts.user_facts import SCHEMA

AS_OF = date(2024, 3, 31)


def left(numbers: dict[str, float], ended: dict[str, date] | None = None, **people: Any) -> pl.DataFrame:
    """`people`: days of silence of each user; `u_listed` is on the list."""
    profiles = pl.DataFrame(
        {
            "user_id": list(people),
            "login_day": [AS_OF - timedelta(days=days) for days in people.values()],
            "login_number": 3,
            "window_days": 16,
            "evidence_rate": pl.Series([None] * len(people), dtype=pl.Float64),
            "login_probability": 0.5,
        }
    )
    known = pl.DataFrame(
        {"user_id": list(numbers), "churn_probability": list(numbers.values())},
        schema={"user_id": pl.String, "churn_probability": pl.Float64},
    )
    facts = pl.DataFrame(
        [
            dict.fromkeys(SCHEMA) | {"user_id": user, "subscription_ended_on": day}
            for user, day in (ended or {}).items()
        ],
        schema=SCHEMA,
    )
    listed = pl.Series(["u_listed"])
    return left_users(profiles, listed, known, facts, AS_OF, 2, 5, by_subscription=ended is not None)


def test_who_has_been_silent_for_the_horizon_has_left_on_the_day_of_the_last_login() -> None:
    made = left({"a": 0.7}, u_listed=20, a=14, b=13, c=40)
    assert made.select("user_id", "left_on", "left_by", "population").rows() == [
        ("a", AS_OF - timedelta(days=14), "login", "newcomer"),
        ("c", AS_OF - timedelta(days=40), "login", "newcomer"),
    ]
    assert made["return_probability"].to_list() == [pytest.approx(0.3), None]
    assert made["return_because"].to_list() == [None, "silent for longer than the users of training"]
    assert left({}, a=14)["return_because"].to_list() == [
        "training had too few users who were away for so long"
    ]


def test_where_churn_is_the_end_of_a_subscription_it_is_the_day_of_leaving() -> None:
    ended = AS_OF - timedelta(days=5)
    made = left({}, {"a": ended}, u_listed=1, a=0, b=90)
    assert made.select("user_id", "left_on", "left_by", "silent_days").rows() == [
        ("a", ended, "subscription", 0)
    ]
    assert made["return_because"].to_list() == [
        "the list model has no number for users whose subscription has ended"
    ]
