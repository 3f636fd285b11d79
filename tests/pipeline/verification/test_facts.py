"""The sentences of a list one by one, and the number that belongs to each."""

import math
from datetime import date

import polars as pl

from pipeline.verification.facts import Contradiction, facts_of, per_feature

LISTED = pl.DataFrame(
    {
        "user_id": ["ann", "bob"],
        "as_of": [date(2024, 3, 8)] * 2,
        "last_login_day": [date(2024, 3, 7)] * 2,
        "login_number": [3, 4],
        "silent_days": [1, 1],
        "reason_1": ["orders_30d", "events_7d"],
        "reason_1_text": ["no orders", "one event"],
        "reason_2": ["events_7d", None],
        "reason_2_text": ["three events", None],
        "reason_3": [None, "moon"],
        "reason_3_text": [None, "full moon"],
    },
    schema_overrides={"reason_3": pl.String, "reason_3_text": pl.String},
)


def test_each_sentence_is_a_fact_and_an_empty_cell_is_none() -> None:
    facts = facts_of(LISTED).select("user_id", "column", "feature", "text").rows()
    assert facts == [
        ("ann", "reason_1_text", "orders_30d", "no orders"),
        ("bob", "reason_1_text", "events_7d", "one event"),
        ("ann", "reason_2_text", "events_7d", "three events"),
        ("bob", "reason_3_text", "moon", "full moon"),
    ]


def test_each_fact_gets_the_number_of_its_user_and_feature() -> None:
    numbers = pl.DataFrame({"user_id": ["bob", "ann"], "events_7d": [1, 3], "orders_30d": [9, None]})
    found = per_feature(facts_of(LISTED), numbers, "value")["value"].to_list()
    assert found[1:3] == [1.0, 3.0]
    assert math.isnan(found[0])
    assert math.isnan(found[3])


def test_a_contradiction_names_user_and_column_and_what_both_say() -> None:
    told = str(Contradiction("ann", "reason_1_text", "two orders", "no orders"))
    assert told == "user ann, reason_1_text: the list says “two orders”, the log says “no orders”"
