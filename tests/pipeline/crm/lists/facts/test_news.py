"""What is new since a user left: only what the log shows not to have been there before."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipeline.crm.lists.facts.news import (
    LEAST_USERS,
    UNSEEN_DAYS,
    Dates,
    News,
    begun,
    new_kinds,
    new_since,
    new_values,
)
from pipeline.storage.frames import write_buckets
from tests.support.tables import contract

START, AS_OF = date(2024, 1, 1), date(2024, 3, 31)
BEGAN = START + timedelta(days=UNSEEN_DAYS)


def test_a_kind_is_new_from_its_first_day_if_enough_users_use_it_and_it_was_not_there(tmp_path: Path) -> None:
    users = [f"u{number}" for number in range(LEAST_USERS)]
    days = pl.DataFrame({"user_id": users, "day": BEGAN, "kind_chat": 1, "kind_quest": 0, "kind_ticket": 1})
    early = days.head(1).with_columns(day=pl.lit(START), kind_chat=pl.lit(0), kind_quest=pl.lit(1))
    late = days.with_columns(day=pl.lit(AS_OF + timedelta(days=1)), kind_level_up=pl.lit(1))
    both = pl.concat([days, early, late], how="diagonal_relaxed").fill_null(0).sort("user_id", "day")
    half = pl.col("user_id") < "u15"
    write_buckets([both.filter(half), both.filter(~half)], tmp_path)
    assert new_kinds(tmp_path, contract(), START, AS_OF) == [News("chats", BEGAN)]


def test_a_value_of_an_attribute_is_new_as_a_kind_is(tmp_path: Path) -> None:
    rows = [(f"u{number}", BEGAN, "family") for number in range(LEAST_USERS)]
    rows += [(f"u{number}", START, "free") for number in range(LEAST_USERS)] + [("u1", AS_OF, "trial")]
    write_buckets([pl.DataFrame(rows, schema=["user_id", "from_day", "plan"], orient="row")], tmp_path)
    assert new_values(tmp_path, ["plan"], START, AS_OF) == [News("plan family", BEGAN)]
    assert new_values(tmp_path, [], START, AS_OF) == []


def test_what_began_too_early_or_for_too_few_is_not_new() -> None:
    def part(value: str, day: date, users: int) -> pl.DataFrame:
        return pl.DataFrame({"value": [value], "first_day": [day], "users": [users]})

    before = BEGAN - timedelta(days=1)
    parts = [
        part("a", BEGAN, 12),
        part("a", AS_OF, 8),
        part("b", before, 50),
        part("c", AS_OF, LEAST_USERS - 1),
    ]
    assert begun(parts, START) == [News("a", BEGAN)]
    assert begun([*parts, part("a", before, 1)], START) == []


def test_a_user_is_told_what_came_after_the_day_of_leaving() -> None:
    news = [News("duels", date(2024, 3, 20)), News("gifts", date(2024, 3, 1))]
    dates = pl.DataFrame(
        {
            "date": [date(2024, 3, 5), date(2024, 3, 25), date(2024, 4, 2), date(2024, 3, 28)],
            "known_day": [None, date(2024, 3, 1), None, date(2024, 4, 1)],
            "group": ["free", "free", "free", "free"],
        }
    )
    left = pl.DataFrame(
        {
            "left_on": [date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 20), date(2024, 3, 30), None],
            "plan": ["free", "plus", "free", "free", "free"],
        }
    )
    said = new_since(left, news, [Dates("patch_days", "plan", dates)], AS_OF)
    assert said.to_list() == [
        "duels, gifts, patch days of 25 March and 1 earlier date", "duels", "patch days of 25 March", None, None,
    ]  # fmt: skip
    for_all = new_since(left, [], [Dates("season", "all", dates.drop("group"))], AS_OF)
    assert for_all[1] == "season of 25 March and 1 earlier date"
