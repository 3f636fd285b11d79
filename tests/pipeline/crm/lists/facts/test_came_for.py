"""What users who have left came for, by their first login days."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.crm.lists.facts.came_for import SCHEMA, came_for, first_uses, most_used
from pipeline.storage.frames import write_buckets
from tests.support.tables import contract

START = date(2024, 3, 1)
KINDS = {kind: f"kind_{kind}" for kind in ("login", "quest", "level_up", "chat", "purchase", "refund")}


def days_of(**users: list[dict[str, int]]) -> pl.DataFrame:
    """Login days of each user, one after another, with the numbers of some kinds of event."""
    rows: list[dict[str, Any]] = [
        {
            "user_id": user,
            "day": START + timedelta(days=number),
            "logins": 1,
            **dict.fromkeys(KINDS.values(), 0),
        }
        | {f"kind_{kind}": count for kind, count in day.items()}
        for user, days in users.items()
        for number, day in enumerate(days)
    ]
    return pl.DataFrame(rows)


def test_the_first_three_login_days_count_and_equal_kinds_follow_the_contract() -> None:
    days = days_of(
        a=[{"quest": 1}, {"chat": 1}, {}, {"chat": 9}], b=[{}], c=[{"level_up": 2, "quest": 1, "chat": 2}]
    )
    made = most_used(first_uses(days, list(KINDS.values())), KINDS, contract())
    assert made.rows() == [
        ("a", "progress", "quest", "progress, mostly quests"),
        ("c", "progress", "level_up", "progress, mostly level ups"),
    ]
    assert dict(made.schema) == SCHEMA


def test_the_login_of_every_day_and_refunds_are_nothing_that_users_come_for(tmp_path: Path) -> None:
    days = days_of(
        a=[{"login": 5, "refund": 4, "chat": 1}] * 3, b=[{"login": 1}] * 2, c=[{"login": 2, "quest": 1}]
    )
    write_buckets([days.filter(pl.col("user_id") == user) for user in "abc"], tmp_path)
    users = pl.Series(["a", "b"])
    made = came_for(tmp_path, contract(meaning={"refund": ["refund"]}), users, START + timedelta(days=9))
    assert made.rows() == [("a", "social", "chat", "chats")]
    assert came_for(tmp_path, contract(), users, START - timedelta(days=1)).is_empty()


def test_where_every_visit_is_a_purchase_it_says_nothing_that_users_came_for_purchases(
    tmp_path: Path,
) -> None:
    days = days_of(a=[{"purchase": 1}] * 2).select("user_id", "day", "logins", "kind_purchase")
    write_buckets([days], tmp_path)
    made = came_for(tmp_path, contract(meaning={}), pl.Series(["a"]), START + timedelta(days=9))
    assert made.is_empty()


def test_nobody_comes_for_a_survey(tmp_path: Path) -> None:
    """A kind is a survey if a score comes with it nearly always."""
    days = days_of(a=[{"chat": 2}, {"quest": 1}], b=[{}, {"chat": 1}, {}], c=[{}])
    scored = days.with_columns(answers=(pl.col("kind_chat") > 0).cast(pl.Int64))
    write_buckets([scored], tmp_path)
    users, end = pl.Series(["a", "b"]), START + timedelta(days=9)
    assert came_for(tmp_path, contract(), users, end)["came_for_kind"].to_list() == ["quest"]
    write_buckets([scored.with_columns(answers=pl.lit(0))], tmp_path)
    assert came_for(tmp_path, contract(), users, end)["came_for_kind"].to_list() == ["chat", "chat"]


def test_what_nearly_all_came_for_says_nothing_of_one_of_them(tmp_path: Path) -> None:
    write_buckets(
        [days_of(quiet=[{}] * 9, **{f"u{i}": [{"quest": 1, "chat": 2 * (i < 3)}] for i in range(30)})],
        tmp_path,
    )
    made = came_for(tmp_path, contract(), pl.Series([f"u{i}" for i in range(30)]), START + timedelta(days=9))
    assert sorted(made["user_id"]) == ["u0", "u1", "u2"]
    write_buckets([days_of(quiet=[{}] * 9, **{f"u{i}": [{"quest": 1}] for i in range(19)})], tmp_path)
    made = came_for(tmp_path, contract(), pl.Series([f"u{i}" for i in range(19)]), START + timedelta(days=9))
    assert made.height == 19  # too few to say what all do


def test_a_log_without_kinds_says_nothing(tmp_path: Path) -> None:
    write_buckets([days_of(a=[{}]).select("user_id", "day", "logins")], tmp_path)
    assert dict(came_for(tmp_path, contract(), pl.Series(["a"]), START).schema) == SCHEMA
