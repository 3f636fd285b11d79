"""What users did up to the list's day: one worked example for each fact, and nothing of later days."""

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.contract.model import Contract
from pipeline.crm.lists.facts.user_facts import SCHEMA, facts_of_days
from tests.support.tables import contract

AS_OF = date(2024, 3, 31)
KINDS = ("login", "quest", "level_up", "chat", "purchase", "refund", "ticket", "nps")
MEASURES = ("logins", "events", "seconds", "orders", "refunds", "level_gain", "subscription_start_marks",
            "subscription_end_marks", "regular_counterparts", "ceased_counterparts")  # fmt: skip
STATES = {"score": pl.Float64, "level": pl.Float64, "open_complaints": pl.Int64}


def days_of(*days: dict[str, Any]) -> pl.DataFrame:
    """User-days of `u`, 0 where nothing is given; `day`: days before the list's day."""
    counts = [*MEASURES, *(f"kind_{kind}" for kind in KINDS)]
    rows = [
        {"user_id": "u", **dict.fromkeys(counts, 0), **dict.fromkeys(STATES), **day}
        | {"day": AS_OF - timedelta(days=day["day"])}
        for day in days
    ]
    types = {"user_id": pl.String, **dict.fromkeys(counts, pl.Int64), **STATES, "day": pl.Date}
    return pl.DataFrame(rows, schema=types).sort("user_id", "day")


def facts(*days: dict[str, Any], of: Contract | None = None) -> dict[str, Any]:
    return facts_of_days(days_of(*days), of or contract(), AS_OF).row(0, named=True)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def test_scores_goals_levels_and_purchases_are_of_their_last_days() -> None:
    found = facts(
        {"day": 9, "score": 9.0, "kind_level_up": 1, "level": 4.0, "level_gain": 2, "orders": 1},
        {"day": 5, "score": 7.0},
        {"day": 3, "kind_level_up": 1, "level": 3.0},
        {"day": 1, "level": 3.0},
    )
    assert (found["score_last"], found["score_on"]) == (7.0, ago(5))
    assert (found["goal"], found["goal_on"]) == ("level up", ago(3))
    assert (found["level"], found["level_on"]) == (4.0, ago(9))
    assert (found["bought_on"], found["first_day"]) == (ago(9), ago(9))


def test_a_purchase_that_was_paid_back_is_none() -> None:
    assert facts({"day": 4, "orders": 1}, {"day": 2, "refunds": 300})["bought_on"] is None
    assert facts({"day": 4, "refunds": 300}, {"day": 2, "orders": 1})["bought_on"] == ago(2)
    assert facts({"day": 2, "orders": 1, "refunds": 300})["bought_on"] is None


def test_a_request_is_open_since_the_first_one_after_the_last_day_without() -> None:
    spells = [{"day": 20, "open_complaints": 1}, {"day": 18, "open_complaints": 0}]
    spells += [
        {"day": 9, "open_complaints": 1},
        {"day": 7, "open_complaints": 2},
        {"day": 4, "open_complaints": 1},
    ]
    found = facts(*spells, {"day": 1})
    assert (found["request_open"], found["request_since"]) == (True, ago(9))
    answered = facts(*spells, {"day": 1, "open_complaints": 0})
    assert (answered["request_open"], answered["request_since"]) == (False, None)
    assert facts({"day": 1})["request_open"] is None


def test_use_of_thirty_days_counts_kinds_of_use_alone() -> None:
    found = facts(
        {"day": 30, "seconds": 500, "logins": 1, "kind_chat": 1},
        {"day": 29, "seconds": 70, "logins": 1, "kind_quest": 2, "kind_ticket": 1},
        {
            "day": 0,
            "seconds": 30,
            "logins": 1,
            "kind_login": 1,
            "regular_counterparts": 4,
            "ceased_counterparts": 1,
        },
    )
    assert (found["use_30d"], found["active_days_30d"], found["regular_contacts"]) == (100.0, 2, 3)
    assert found["kinds_30d"] == 2  # quest and login
    assert (
        found["kinds_share_30d"] == 2 / 5
    )  # login, quest, level_up, chat, nps: no payments, refunds and tickets


def test_a_subscription_has_ended_unless_it_began_again() -> None:
    ended = {"day": 8, "subscription_end_marks": 1}
    assert facts({"day": 20, "subscription_start_marks": 1}, ended)["subscription_ended_on"] == ago(8)
    assert facts(ended, {"day": 3, "subscription_start_marks": 1})["subscription_ended_on"] is None
    assert facts({**ended, "subscription_start_marks": 1})["subscription_ended_on"] is None


def test_what_a_plan_allows_is_counted_over_its_days() -> None:
    users = {"path": "u.csv", "columns": {"user_id": "id", "plan": "plan", "valid_from": "since"}}
    limited = contract(
        users=users,
        meaning={"limit": {"kinds": ["chat", "quest"], "days": 7, "most": {"free": 10}}},
    )
    days = [
        {"day": 7, "kind_chat": 5},
        {"day": 6, "kind_chat": 3},
        {"day": 0, "kind_quest": 1, "kind_login": 1},
    ]
    assert facts(*days, of=limited)["limit_used"] == 4.0
    assert facts(*days)["limit_used"] is None


def test_a_log_that_tells_nothing_but_logins_gives_the_same_columns() -> None:
    bare = days_of({"day": 3, "logins": 1, "events": 2}).select("user_id", "day", "logins", "events")
    found = facts_of_days(bare, contract(), AS_OF)
    assert dict(found.schema) == SCHEMA
    known = {name for name in found.columns if found[name].null_count() == 0}
    assert known == {"user_id", "first_day", "use_30d", "active_days_30d"}


DAY = st.fixed_dictionaries(
    {
        "score": st.none() | st.integers(0, 10).map(float),
        "open_complaints": st.none() | st.integers(0, 2),
        "orders": st.integers(0, 1),
        "kind_level_up": st.integers(0, 1),
        "subscription_end_marks": st.integers(0, 1),
        "seconds": st.integers(0, 9),
    }
)


@given(st.dictionaries(st.integers(-20, 60), DAY, min_size=1, max_size=12))
def test_later_days_change_nothing(days: dict[int, dict[str, Any]]) -> None:
    whole = days_of(*({"day": before, **day} for before, day in days.items()))
    cut = whole.filter(pl.col("day") <= AS_OF)
    assert facts_of_days(whole, contract(), AS_OF).equals(
        facts_of_days(cut, contract(), AS_OF), null_equal=True
    )
