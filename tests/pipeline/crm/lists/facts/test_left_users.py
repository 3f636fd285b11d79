"""Who has left, since when, and the chance to return."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from models.labels.churn import Cancel, Kind
from pipeline.config.params import load_params
from pipeline.crm.lists.facts.left_users import left_users
from pipeline.crm.lists.facts.user_facts import SCHEMA
from pipeline.learning.churn_in_use import churn_of
from tests.support.paths import PARAMS_FILE

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
    churn = churn_of(load_params(PARAMS_FILE).label)
    kind: Kind = "cancel" if ended is not None else "inactivity"
    churn = replace(churn, kind=kind, lead_days=2, cancel=Cancel(grace_days=3))
    return left_users(profiles, listed, known, facts, AS_OF, churn, 5)


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


def test_where_churn_is_the_end_of_a_subscription_it_is_the_day_of_leaving_once_it_is_certain() -> None:
    ended = AS_OF - timedelta(days=3)
    made = left({}, {"a": ended, "c": AS_OF - timedelta(days=2)}, u_listed=1, a=0, b=90, c=0)
    assert made.select("user_id", "left_on", "left_by", "silent_days").rows() == [
        ("a", ended, "subscription", 0)
    ]
    assert made["return_because"].to_list() == [
        "the list model has no number for users whose subscription has ended"
    ]
