"""The plain recount of what the lists for import say agrees with the facts that they are made from."""

from datetime import date

import polars as pl

from features.aggregation.activity import activity
from features.external.exchange_rates import RateTable
from pipeline.crm.lists.facts.user_facts import facts_of_days
from pipeline.verification.list_facts import SCHEMA, recounted_facts
from pipeline.verification.plain_days import PlainLog, plain_days
from tests.support.tables import START, contract, drawn, rate_table

LAST = date(2024, 3, 9)
TELLS = contract().tells - {"session", "country"}
EVENTS = drawn(
    """
    user date       time  kind     amount currency counterpart level score
    ann  2024-03-01 10:00 login    -      -        -           1     -
    ann  2024-03-02 10:00 level_up -      -        -           3     -
    ann  2024-03-02 11:00 nps      -      -        -           -     4
    ann  2024-03-03 09:00 purchase 5      EUR      -           -     -
    ann  2024-03-04 09:00 ticket   -      -        -           -     -
    ann  2024-03-06 09:00 nps      -      -        -           -     9
    ann  2024-03-10 09:00 nps      -      -        -           -     2
    bob  2024-03-02 10:00 ticket   -      -        -           -     -
    bob  2024-03-03 10:00 refund   -2     EUR      -           -     -
    bob  2024-03-04 10:00 chat     -      -        ann         -     -
    bob  2024-03-05 10:00 chat     -      -        ann         -     -
    bob  2024-03-06 10:00 chat     -      -        ann         -     -
    bob  2024-03-07 10:00 purchase 5      EUR      -           -     -
    bob  2024-03-08 10:00 refund   -5     EUR      -           -     -
    """
)


def recounted() -> pl.DataFrame:
    log = PlainLog(contract(), TELLS, START, LAST, RateTable(rate_table(), "EUR", 10))
    return recounted_facts(plain_days(EVENTS, log), contract(), LAST).sort("user_id")


def test_days_and_values_are_those_of_the_raw_events() -> None:
    ann, bob = recounted().to_dicts()
    assert (ann["came"], ann["active_days_30d"]) == (date(2024, 3, 6), 4)  # a ticket alone is no login
    assert (ann["score_last"], ann["score_on"]) == (9.0, date(2024, 3, 6))
    assert (ann["goal"], ann["goal_on"], ann["level"], ann["level_on"]) == (
        "level up", date(2024, 3, 2), 3.0, date(2024, 3, 2),
    )  # fmt: skip
    assert (ann["request_since"], ann["bought_on"]) == (date(2024, 3, 4), date(2024, 3, 3))
    assert (bob["request_since"], bob["bought_on"], bob["regular_contacts"]) == (None, None, 1)


def test_the_recount_agrees_with_the_facts_of_the_lists() -> None:
    days = activity(EVENTS, contract(), TELLS, START, LAST, rate_table(), "EUR", 10).days
    facts = facts_of_days(days, contract(), LAST)
    shared = [name for name in SCHEMA if name in facts.columns]
    assert len(shared) == len(SCHEMA) - 1
    assert recounted().select(shared).equals(facts.select(shared), null_equal=True)
