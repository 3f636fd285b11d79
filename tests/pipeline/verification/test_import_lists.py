"""Each planted lie of a list for import is named, with what the log says."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from features.advice.list_facts import LISTS, ListName
from pipeline.crm.lists.columns import OWN
from pipeline.verification.import_lists import list_contradictions
from pipeline.verification.list_facts import SCHEMA
from tests.support.import_lists import AS_OF, default_texts

OF_LIST = {
    "user_id": pl.String, "as_of": pl.Date, "last_login_day": pl.Date, "churn_probability": pl.Float64,
    "reason_1_text": pl.String, "silence_text": pl.String, "play": pl.String, "why": pl.String,
}  # fmt: skip
PLAIN = [
    {"user_id": "anna", "score_last": 9.0, "score_on": date(2022, 3, 12), "came": date(2022, 3, 30)},
    {"user_id": "bert", "bought_on": date(2022, 3, 30), "came": date(2022, 3, 30)},
    {"user_id": "cleo", "came": date(2022, 3, 1)},
    {"user_id": "dora", "came": date(2022, 3, 20), "request_since": date(2022, 3, 10)},
]
ANNA = {
    "score_last": 9.0,
    "score_on": date(2022, 3, 12),
    "play": "ask_review",
    "why": "gave 9 of 10 on 12 March",
}
BERT = {
    "trigger": "purchase", "trigger_on": date(2022, 3, 30), "play": "survey_purchase",
    "why": "paid for something on 30 March",
}  # fmt: skip
CLEO = {
    "last_login_day": date(2022, 3, 1), "days_since_left": 30, "came_for": "quests", "play": "winback_back_to",
    "why": "last came on 1 March; came for quests",
}  # fmt: skip
DORA = {"play": "answer_now", "why": "has waited for an answer since 10 March"}


def found(
    anna: dict[str, Any] | None = None,
    bert: dict[str, Any] | None = None,
    cleo: dict[str, Any] | None = None,
    dora: dict[str, Any] | None = None,
    held_out: tuple[str, ...] = (),
    twice: bool = False,  # noqa: FBT001, FBT002  # a keyword in every call
) -> list[tuple[str, str, str]]:
    """User, column and what the log says of each contradiction; the arguments change a row."""
    rows: dict[ListName, dict[str, Any]] = {
        "promoters": {"user_id": "anna", **ANNA, **(anna or {})},
        "survey": {"user_id": "bert", **BERT, **(bert or {})},
        "winback": {"user_id": "cleo", **CLEO, **(cleo or {})},
        "save": {"user_id": "dora", **DORA, **(dora or {})},
    }
    lists = {}
    for name in LISTS:
        schema = {**OF_LIST, **OWN[name]}
        of_list = [rows[name]] if name in rows else [rows["survey"]] if name == "reward" and twice else []
        known = [{column: row.get(column) for column in schema} | {"as_of": AS_OF} for row in of_list]
        lists[name] = pl.DataFrame(known, schema=schema)
    listed = pl.DataFrame({"user_id": ["anna", "bert"], "action": "watch"})
    listed = listed.with_columns(
        action=pl.when(pl.col("user_id").is_in(held_out)).then(pl.lit("holdout")).otherwise("action")
    )
    plain = pl.DataFrame([{name: one.get(name) for name in SCHEMA} for one in PLAIN], schema=SCHEMA)
    made = list_contradictions(lists, listed, plain, default_texts(), left_by_login=True)
    return [(one.user_id, one.column, one.logged) for one in made]


def test_lists_that_say_what_the_log_says_are_not_contradicted() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("lie", "column", "logged"),
    [
        ({"anna": {"score_last": 10.0}}, "list promoters: score_last", "9.0"),
        ({"anna": {"score_on": date(2022, 3, 13)}}, "list promoters: score_on", "2022-03-12"),
        ({"anna": {"why": "gave 9 of 10 on 13 March"}}, "list promoters: why", "gave 9 of 10 on 12 March"),
        ({"bert": {"trigger_on": date(2022, 3, 31)}}, "list survey: trigger_on", "2022-03-30"),
        ({"bert": {"trigger": "goal"}}, "list survey: trigger_on", "None"),
        ({"cleo": {"days_since_left": 29}}, "list winback: days_since_left", "2022-03-01"),
        ({"cleo": {"why": "last came on 2 March; came for quests"}}, "list winback: why", "last came on 1 March"),
        ({"dora": {"why": "has waited for an answer since 9 March"}}, "list save: why", "has waited"),
        ({"anna": {"user_id": "dora"}}, "list promoters", "a request is open since 2022-03-10"),
        ({"held_out": ("bert",)}, "list survey", "the user is held out"),
        ({"twice": True}, "list survey", "the user is on the list reward"),
    ],
)  # fmt: skip
def test_a_lie_is_named(lie: dict[str, Any], column: str, logged: str) -> None:
    assert [one for one in found(**lie) if one[1] == column and one[2].startswith(logged)], found(**lie)
