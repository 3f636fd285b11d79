"""Candidates: tenure and anniversaries, rules that hold for everybody, and what a list waits for."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from features.advice.conditions import condition
from features.advice.facts import FACTS
from pipeline.crm.exclusions import NeverContact
from pipeline.crm.lists.candidates import candidates, with_refusals
from pipeline.crm.lists.facts.user_facts import SCHEMA
from tests.support.import_lists import AS_OF, KNOWN, asked, default_texts, facts_of
from tests.support.tables import contract


def gathered(*users: dict[str, Any], plan: str | None = None) -> pl.DataFrame:
    """Candidates from facts of the log: `signed_up_at` is an attribute, all others are of the user-days."""
    listed = pl.DataFrame(
        [(f"u{number}", AS_OF, user.get("signed_up_at")) for number, user in enumerate(users)],
        schema={"user_id": pl.String, "as_of": pl.Date, "signed_up_at": pl.Date}, orient="row",
    ).with_columns(
        *(pl.lit(None, dtype).alias(name) for name, dtype in FACTS.items() if name not in ("plan", "risk_band")),
        plan=pl.lit(plan, pl.String), risk_band=pl.lit("low"),
    )  # fmt: skip
    facts = pl.DataFrame(
        [dict.fromkeys(SCHEMA) | {"user_id": f"u{number}"} | user for number, user in enumerate(users)],
        schema=SCHEMA, orient="row",
    ) if users else pl.DataFrame(schema=SCHEMA)  # fmt: skip
    left = listed.clear().with_columns(
        left_on=pl.lit(None, pl.Date), return_probability=pl.lit(None, pl.Float64)
    )
    return candidates(listed, left, facts, contract(), asked())


@pytest.mark.parametrize(
    ("signed_up", "tenure", "next_on", "years"),
    [
        (date(2020, 4, 1), 729, date(2022, 4, 1), 2),
        (date(2021, 3, 31), 365, date(2023, 3, 31), 2),  # it was on the list's day, which is over
        (date(2022, 3, 31), 0, date(2023, 3, 31), 1),
        (date(2020, 2, 29), 761, date(2023, 2, 28), 3),
        (date(2022, 4, 2), 20, None, None),  # not signed up yet: the first day counts
        (None, 20, None, None),
    ],
)
def test_tenure_and_the_next_anniversary(
    signed_up: date | None, tenure: int, next_on: date | None, years: int | None
) -> None:
    (found,) = gathered({"signed_up_at": signed_up, "first_day": AS_OF - timedelta(days=20)}).to_dicts()
    assert (found["tenure_days"], found["anniversary_on"], found["anniversary_years"]) == (
        tenure,
        next_on,
        years,
    )


def test_the_lowest_plan_is_that_called_free_unless_the_contract_orders_plans() -> None:
    assert gathered({}, plan="Free")["lowest_plan"].to_list() == [True]
    assert gathered({}, plan="basic")["lowest_plan"].to_list() == [None]
    assert gathered({})["lowest_plan"].to_list() == [None]
    assert gathered().is_empty()


def refused(facts: pl.DataFrame, **changes: Any) -> pl.DataFrame:
    known = {"rules": [], "bots": pl.Series([], dtype=pl.String), "contacts": None} | changes
    return with_refusals(facts, **known, texts=default_texts(), as_of=AS_OF)


def test_rules_hold_for_everybody_and_an_open_request_for_those_who_have_not_left() -> None:
    facts = facts_of(
        {},
        {"plan": "minor", "churned": True},
        {},
        {"request_open": True},
        {"request_open": True, "churned": True},
    )
    facts = facts.with_columns(user_id=pl.Series([f"u{number}" for number in range(5)]))
    opted = pl.DataFrame(
        {"user_id": ["u0"], "until": [None]}, schema={"user_id": pl.String, "until": pl.Date}
    )
    minors = condition("params.yaml: minors", "plan = 'minor'", KNOWN)
    rules = [NeverContact("opted_out", opted, None), NeverContact("minors", None, minors)]
    made = refused(facts, rules=rules, bots=pl.Series(["u2"]))
    assert made["refused"].to_list() == ["opted_out", "minors", "bot", "open_request", None]


def test_a_list_waits_after_any_contact_and_longer_after_its_own() -> None:
    days = [13, 14, 59, 60, 20]
    plays = ["way_past", "way_past", "winback_simple", "winback", "survey_goal"]
    contacts = pl.DataFrame(
        {
            "user_id": [f"u{number}" for number in range(5)],
            "day": [AS_OF - timedelta(days=day) for day in days],
            "play": plays,
        }
    )
    made = refused(facts_of(*[{"churned": True}] * 5), contacts=contacts)
    assert made["rests_winback"].to_list() == ["cool_down", None, "asked_before", None, None]
    assert made["rests_survey"].to_list() == [None, None, None, None, "asked_before"]
    assert refused(facts_of({}))["rests_survey"].to_list() == [None]
