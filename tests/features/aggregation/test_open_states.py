"""Worked examples of the states from a contract's section `meaning`: onboarding, subscriptions, complaints.

The contract is that of tests/features/tables.py: a purchase begins a subscription of 30 days and a refund ends
it; a ticket complains and a refund answers; the steps of the onboarding are login, quest, level_up, refund.
"""

from datetime import date
from typing import Any

import polars as pl
import pytest

from features.contract.model import OF_NO_KIND, Contract, Meaning
from features.contract.sources import MEANINGS
from features.errors import ContractError
from tests.support.tables import GAME, contract, drawn, rows_of

HEADER = "user date time kind amount currency counterpart session level score country"
END = date(2024, 5, 31)


def values_of(events: str, *features: str, of: Contract | None = None) -> dict[str, list[Any]]:
    """`features` of each login day of the drawn `date time kind`, missing as None."""
    lines = [f"ann {line.strip()} {'- ' * 7}" for line in events.strip().splitlines()]
    rows = rows_of(drawn("\n".join([HEADER, *lines])), END, of)
    return rows.select(pl.col(features).fill_nan(None)).to_dict(as_series=False)


def meaning(**changes: object) -> Contract:
    return contract(meaning={**GAME["meaning"], **changes})  # type: ignore[dict-item]


def test_the_furthest_step_of_the_onboarding_counts_and_the_days_without_a_further_one() -> None:
    events = """
        2024-03-01 10:00 chat
        2024-03-03 10:00 chat
        2024-03-04 10:00 quest
        2024-03-04 11:00 login
        2024-03-06 10:00 login
        2024-03-07 10:00 level_up
        2024-03-08 10:00 refund
        2024-03-08 10:00 login
        2024-03-09 10:00 login
    """
    assert values_of(events, "onboarding_step", "days_on_onboarding_step") == {
        "onboarding_step": [0, 0, 2, 2, 3, 4, 4],
        "days_on_onboarding_step": [0, 2, 0, 2, 0, None, None],
    }


SUBSCRIPTION = ("subscription_running", "days_to_renewal", "days_since_subscription_end")


def test_the_later_event_of_a_day_says_whether_a_subscription_runs_and_renewal_may_be_overdue() -> None:
    events = """
        2024-03-01 10:00 login
        2024-03-02 10:00 purchase
        2024-03-05 10:00 refund
        2024-03-05 11:00 purchase
        2024-03-06 10:00 purchase
        2024-03-06 11:00 refund
        2024-03-08 10:00 login
        2024-03-09 10:00 purchase
        2024-04-10 10:00 login
    """
    assert values_of(events, *SUBSCRIPTION) == {
        "subscription_running": [None, 1, 1, 0, 0, 1, 1],
        "days_to_renewal": [None, 30, 30, None, None, 30, -2],
        "days_since_subscription_end": [None, None, None, 0, 2, None, None],
    }


def test_where_no_kind_ends_a_subscription_it_lapses_when_it_is_due() -> None:
    events = """
        2024-03-01 10:00 login
        2024-03-02 10:00 purchase
        2024-03-31 10:00 login
        2024-04-01 10:00 login
        2024-04-05 10:00 login
        2024-04-06 10:00 purchase
    """
    assert values_of(events, *SUBSCRIPTION, of=meaning(subscription_end=None)) == {
        "subscription_running": [None, 1, 1, 0, 0, 1],
        "days_to_renewal": [None, 30, 1, None, None, 30],
        "days_since_subscription_end": [None, None, None, 0, 4, None],
    }


COMPLAINTS = ("open_complaints", "days_complaint_waits", "answer_hours_last")


def test_an_answer_closes_one_complaint_and_none_that_comes_later() -> None:
    events = """
        2024-03-01 09:00 refund
        2024-03-01 10:00 login
        2024-03-02 09:00 ticket
        2024-03-02 10:00 login
        2024-03-04 09:00 ticket
        2024-03-05 12:00 refund
        2024-03-06 10:00 login
        2024-03-06 11:00 refund
        2024-03-06 12:00 refund
        2024-03-07 11:00 ticket
        2024-03-08 11:00 login
    """
    assert values_of(events, *COMPLAINTS, of=contract(presence={"kinds": ["login"]})) == {
        "open_complaints": [0, 1, 0, 1],
        "days_complaint_waits": [None, 0, None, 1],
        "answer_hours_last": [None, None, 27, 27],
    }


def test_the_share_of_paid_for_kinds_forgets_those_of_more_than_thirty_days_ago() -> None:
    events = """
        2024-03-01 10:00 chat
        2024-03-02 10:00 refund
        2024-03-31 10:00 login
    """
    assert values_of(events, "paid_for_share_30d") == {"paid_for_share_30d": [0.25, 0.25]}


def test_the_last_gap_is_held_against_the_gaps_before_it_alone() -> None:
    days = ["2024-03-01", "2024-03-03", "2024-03-07", "2024-03-12", "2024-04-01"]
    events = "\n".join(f"{day} 10:00 login" for day in days)
    values = values_of(events, "gap_last_to_own_p90")["gap_last_to_own_p90"]
    assert values == [None, None, 4 / 2, pytest.approx(5 / 3.8), pytest.approx(20 / 4.8)]


def test_the_week_is_held_against_the_habit_and_a_first_week_is_its_own_habit() -> None:
    days = ["2024-03-01", "2024-03-03", "2024-03-15", "2024-03-21"]
    values = values_of("\n".join(f"{day} 10:00 login" for day in days), "login_days_7d_to_usual")
    assert values["login_days_7d_to_usual"] == pytest.approx([1, 1, 5 / 7, 1.5])


def test_sources_know_every_meaning_that_a_contract_can_name() -> None:
    assert set(MEANINGS) == set(Meaning.model_fields) - OF_NO_KIND


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": ["ticket"]}, r"kind 'ticket' is in meaning\.complaint and in meaning\.answer"),
        ({"subscription_start": None}, r"meaning\.renewal_days = 30, and no kind starts a subscription"),
        ({"goal": ["dance"]}, r"meaning\.goal names 'dance', which stands in no group"),
    ],
)
def test_a_meaning_that_contradicts_itself_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        meaning(**changes)
