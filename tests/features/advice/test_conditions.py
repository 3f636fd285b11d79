"""A condition names known columns, is true or false, and is about one user."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.advice.conditions import condition
from features.advice.facts import FACTS, nps_group
from features.errors import PlaysError
from tests.support.plays import facts_of

KNOWN = {**FACTS, "age": None, "vip": None}


def holds(sql: str, facts: pl.DataFrame) -> list[bool]:
    return condition("plays.yaml: play hint: when", sql, KNOWN).of(facts).to_list()


def test_it_holds_for_those_of_whom_it_is_true_and_not_where_it_is_unknown() -> None:
    facts = facts_of(
        {"cause": "STUCK", "silent_days": 3}, {"cause": None, "silent_days": 9}, {"cause": "ALONE"}
    )
    assert holds("cause = 'STUCK' OR silent_days > 5", facts) == [True, True, False]
    assert holds("cause <> 'STUCK'", facts) == [False, False, True]
    assert holds("cause IS NULL", facts) == [False, True, False]


def test_a_carried_text_is_read_as_a_number_where_the_condition_needs_one() -> None:
    facts = facts_of({}, {}, {}, age=["17", "40", "unknown"])
    assert holds("age < 18", facts) == [True, False, False]
    assert holds("age = '40'", facts) == [False, True, False]


def test_a_column_that_is_not_there_is_null() -> None:
    assert holds("vip AND cause = 'STUCK'", facts_of({"cause": "STUCK"})) == [False]
    assert holds("vip OR cause = 'STUCK'", facts_of({"cause": "STUCK"})) == [True]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "moon = 'full'",
            r"there is no column moon\.\nA condition may name: age, vip|there is no column moon\.\nA",
        ),
        ("action = 'contact'", r"action follows from the choice\.\nA condition may name: .*risk_band"),
        ("expected_profit > 0", r"expected_profit follows from the choice"),
        ("cause = ", r"no SQL condition: .*\nWrite a condition on one user"),
        ("cause", r"it is String, and neither true nor false"),
        ("cause = 1", r"does not run: cannot compare string with numeric"),
        ("SUM(login_number) > 3", r"looks at more than one user\.\nDo not use SUM"),
        ("COUNT(*) > 3", r"looks at more than one user"),
        ("login_number > (SELECT 1)", r"looks at more than one user"),
        ("MAX(login_number) OVER () > 3", r"looks at more than one user"),
        ("login_number = 1; DROP TABLE users", r"no SQL condition"),
    ],
)
def test_what_is_no_condition_on_one_user_is_refused_with_its_place(sql: str, message: str) -> None:
    with pytest.raises(PlaysError, match=message) as error:
        condition("plays.yaml: play hint: when", sql, KNOWN)
    assert str(error.value).startswith(f"plays.yaml: play hint: when = {sql!r}")


def test_a_condition_that_does_not_run_on_the_types_of_a_log_is_refused() -> None:
    made = condition("never_contact: rule young: when", "vip", KNOWN)
    with pytest.raises(PlaysError, match=r"rule young: when = 'vip' does not run.*\nHere vip is Date"):
        made.of(facts_of({}, vip=pl.Series([None], dtype=pl.Date)))


@given(st.lists(st.sampled_from([None, "STUCK", "ALONE"]), min_size=1, max_size=8), st.data())
def test_what_holds_for_a_user_does_not_depend_on_the_other_users(
    causes: list[str | None], data: st.DataObject
) -> None:
    days = data.draw(st.lists(st.none() | st.integers(0, 30), min_size=len(causes), max_size=len(causes)))
    users = [{"cause": cause, "silent_days": day} for cause, day in zip(causes, days, strict=True)]
    sql = "cause IN ('STUCK') OR (cause IS NULL AND silent_days BETWEEN 3 AND 9)"
    assert holds(sql, facts_of(*users)) == [holds(sql, facts_of(user))[0] for user in users]


def test_promoters_score_9_or_more_and_detractors_6_or_less() -> None:
    scores = pl.DataFrame({"score": [None, 0.0, 6.0, 7.0, 8.0, 9.0, 10.0]})
    told = scores.select(nps_group(pl.col("score"))).to_series().to_list()
    assert told == [None, "detractor", "detractor", "passive", "passive", "promoter", "promoter"]
