"""Raw events as plain days: who came, what was asked and answered, and nothing after the last day."""

from datetime import date
from typing import Any

import polars as pl

from features.external.exchange_rates import RateTable
from pipeline.verification.plain_days import PlainLog, plain_days
from tests.support.tables import COLUMNS, START, contract, drawn, rate_table

DESK = """
user date       time  kind
ann  2024-03-01 10:00 login
ann  2024-03-01 10:05 ticket
ann  2024-03-01 10:06 ticket
ann  2024-03-02 12:06 refund
ann  2024-03-03 09:00 refund
ann  2024-03-03 09:30 refund
ann  2024-03-04 09:00 ticket
ann  2024-03-09 09:00 refund
"""


def days_of(table: str, **changes: Any) -> pl.DataFrame:
    events, terms = drawn(table), contract(**changes)
    tells = terms.tells - ({*COLUMNS} - {*events.columns})
    log = PlainLog(terms, tells, START, date(2024, 3, 8), RateTable(rate_table(), "EUR", 10))
    return plain_days(events, log).days


def test_an_answer_closes_one_request_and_none_that_comes_later() -> None:
    """In this game a refund answers a ticket. Two are asked, three are answered, one is asked again."""
    days = days_of(DESK)
    assert days["open_complaints"].to_list() == [2, 1, 0, 1]
    assert days["complaint_waits"].to_list() == [1, 0, 0, 1]
    assert days["answer_hours"].to_list() == [None, 26, None, None]


def test_no_day_after_the_last_is_read() -> None:
    assert days_of(DESK)["day"].max() == date(2024, 3, 4)


def test_a_day_is_a_login_by_the_presence_of_the_contract() -> None:
    """Only the first day has a login of five minutes; a ticket alone is no presence."""
    visits = """
    user date       time  kind
    ann  2024-03-01 10:00 login
    ann  2024-03-01 10:06 quest
    ann  2024-03-02 10:00 login
    ann  2024-03-02 10:04 quest
    ann  2024-03-03 10:00 ticket
    ann  2024-03-03 10:10 ticket
    """
    assert days_of(visits)["logins"].to_list() == [1, 1, 0]
    strict = {"presence": {"kinds": ["login"], "least_minutes": 5}}
    assert days_of(visits, **strict)["logins"].to_list() == [1, 0, 0]


def test_amounts_are_cents_of_the_reporting_currency() -> None:
    """A pound costs 0.8 on the 1st: 8 pounds are 10 euros. Orders are counted by instant."""
    paid = """
    user date       time  kind     amount currency
    ann  2024-03-05 10:00 purchase 8.00   GBP
    ann  2024-03-05 10:00 purchase 1.00   EUR
    ann  2024-03-05 11:00 refund   -2.00  EUR
    """
    days = days_of(paid)
    assert days.select("revenue", "refunds", "orders").row(0) == (1100, 200, 1)


def test_quantities_are_summed_in_thousandths_and_records_and_rises_are_read_in_order() -> None:
    plays = """
    user date       time  kind  quantity_points quantity_energy
    ann  2024-03-01 10:00 quest 4.5             2
    ann  2024-03-01 11:00 quest 3               -
    ann  2024-03-03 10:00 quest -               5.5
    ann  2024-03-04 10:00 quest 4.6             1
    bob  2024-03-04 10:00 quest 9               9
    """
    days = days_of(plays)
    assert days["quantity_points"].to_list() == [7500, 0, 4600, 9000]
    assert days["quantity_points.values"].to_list() == [2, 0, 1, 1]
    assert days["quantity_points.top"].to_list() == [4500, 0, 4600, 9000]
    assert days["quantity_points.record"].to_list() == [0, 0, 1, 0]
    assert days["quantity_points.last"].to_list() == [3, None, 4.6, 9]
    assert days["quantity_energy.gain"].to_list() == [0, 3500, 0, 0]
