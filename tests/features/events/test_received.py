"""Received events: their columns, their users, and the measures that they do not change."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.aggregation.activity import activity
from features.aggregation.measures import CONTACT_MEASURES, RUN_STATES, is_state
from features.events.received import OWN, RECEIVED, ROLE, received_events, with_received
from tests.support.tables import COLUMNS, contract, drawn, rate_table

TABLE = """
user date       time  kind     amount currency counterpart session level score country
ann  2024-03-01 10:00 chat     -      -        bob         a1      -     -     DE
ann  2024-03-01 10:05 chat     -      -        ann         a1      -     -     -
ann  2024-03-02 10:00 purchase 9.00   EUR      eve         a2      3     -     -
bob  2024-03-01 10:30 chat     -      -        ann         b1      -     -     FR
bob  2024-03-04 10:00 purchase 5.00   EUR      ann         b2      7     9     FR
bob  2024-03-05 10:00 login    -      -        -           b3      -     -     -
"""
END = date(2024, 3, 31)


def days_of(table: str, user: str) -> pl.DataFrame:
    """The user-days of `user`, from a table that may lack columns."""
    terms, events = contract(), drawn(table)
    tells = terms.tells - (COLUMNS.keys() - set(events.columns))
    days = activity(events, terms, tells, date(2024, 3, 1), END, rate_table(), "EUR", 10).days
    return days.filter(pl.col("user_id") == user)


def test_a_received_event_says_when_and_of_which_kind_and_from_whom_and_no_more() -> None:
    stored = drawn(TABLE)
    received = stored.filter(pl.col(ROLE) == RECEIVED)
    assert received.select("user_id", pl.col("at").dt.day(), "kind", "counterpart").rows() == [
        ("ann", 1, "chat", "bob"),
        ("ann", 4, "purchase", "bob"),
        ("bob", 1, "chat", "ann"),
    ]
    expected = {"user_id", "at", "kind", "counterpart", ROLE}
    assert {name for name in received.columns if received[name].count() > 0} == expected


def test_nobody_receives_what_names_nobody_or_the_user_and_who_has_no_own_event_is_no_user() -> None:
    stored = drawn(TABLE).filter(pl.col(ROLE) == OWN)
    assert sorted(received_events(stored)["user_id"]) == ["ann", "ann", "bob", "eve"]
    assert sorted(with_received(stored, received_events(stored))["user_id"]) == ["ann"] * 5 + ["bob"] * 4


def test_a_day_on_which_a_user_only_received_has_no_own_figures_and_is_no_login() -> None:
    day = days_of(TABLE, "ann").filter(pl.col("day") == date(2024, 3, 4))
    row = day.row(0, named=True)
    states = {name for name in day.columns if is_state(name)} - {*RUN_STATES}
    assert {name for name in states if row[name] is not None} == set()
    zero = set(day.columns) - {"user_id", "day", *states, *RUN_STATES, *CONTACT_MEASURES}
    assert {name for name in zero if row[name] != 0} == set()
    assert (row["received"], row["replies"]) == (1, 1)


def test_what_a_user_did_is_counted_as_if_nobody_else_were_there() -> None:
    lines = TABLE.strip().splitlines()
    alone = "\n".join(line for line in lines if not line.startswith("bob"))
    together, separate = days_of(TABLE, "ann"), days_of(alone, "ann")
    columns = [name for name in separate.columns if name not in CONTACT_MEASURES]
    assert (
        together.filter(pl.col("events") > 0)
        .select(columns)
        .equals(separate.select(columns), null_equal=True)
    )


@pytest.mark.parametrize(
    ("contact", "replies"), [("15 09:59", 0), ("15 10:00", 1), ("29 10:00", 0), ("29 09:59", 1)]
)
def test_an_answer_comes_after_a_contact_made_in_the_14_days_before(contact: str, replies: int) -> None:
    """Bob writes on the 29th at 10:00: the contact is earlier, by 14 days at most."""
    day, time = contact.split()
    table = f"""
    user date       time  kind  counterpart
    ann  2024-03-{day} {time} chat bob
    bob  2024-03-29 10:00 chat ann
    """
    assert days_of(table, "ann")["replies"].sum() == replies


def test_an_answer_answers_the_one_who_was_asked() -> None:
    table = """
    user date       time  kind  counterpart
    ann  2024-03-01 10:00 chat  bob
    bob  2024-03-01 10:00 login -
    cat  2024-03-02 10:00 chat  ann
    """
    assert days_of(table, "ann").select("received", "replies").sum().row(0) == (1, 0)


def test_a_counterpart_is_new_once_whoever_makes_the_first_contact() -> None:
    table = """
    user date       time  kind  counterpart
    ann  2024-03-02 10:00 chat  bob
    ann  2024-03-03 10:00 chat  bob
    ann  2024-03-03 10:01 chat  eve
    ann  2024-03-03 10:02 chat  ann
    bob  2024-03-01 10:00 chat  ann
    """
    assert days_of(table, "ann").select(pl.col("day").dt.day(), "new_counterparts").rows() == [
        (1, 1), (2, 0), (3, 1),
    ]  # fmt: skip


SILENCE = """
user date       time  kind  counterpart
ann  2024-03-01 10:00 login -
bob  2024-03-01 11:00 chat  ann
bob  2024-03-03 11:00 chat  ann
bob  2024-03-0{last} 11:00 chat  ann
ann  2024-03-{login} 10:00 login -
bob  2024-03-30 11:00 chat  ann
ann  2024-03-31 10:00 login -
"""


@pytest.mark.parametrize(
    ("last", "login", "standing"),
    [
        (3, "09", (0, 0)),  # two days with contact: bob is not regular
        (4, "11", (1, 0)),  # a gap of 1.5 days on average: silent for 7 days, which is the least
        (4, "12", (1, 1)),
        (9, "21", (1, 0)),  # a gap of 4 days on average: silent for 12 days, three times that
        (9, "22", (1, 1)),
    ],
)
def test_a_regular_counterpart_has_ceased_after_a_week_and_three_gaps_and_until_the_next_contact(
    last: int, login: str, standing: tuple[int, int]
) -> None:
    days = days_of(SILENCE.format(last=last, login=login), "ann").filter(pl.col("logins") == 1)
    pairs = days.select("regular_counterparts", "ceased_counterparts").rows()
    assert pairs == [(0, 0), standing, (1, 0)]


def test_a_contact_in_either_direction_breaks_the_silence() -> None:
    asking = SILENCE.format(last=4, login="12") + "ann  2024-03-10 10:00 chat bob\n"
    day = days_of(asking, "ann").filter(pl.col("day") == date(2024, 3, 12))
    assert day.select("regular_counterparts", "ceased_counterparts").row(0) == (1, 0)


def standing_by_hand(contacts: dict[str, set[int]], day: int) -> tuple[int, int]:
    """Regular and ceased counterparts at the end of `day`, from the days of contact up to then."""
    regular = ceased = 0
    for days in contacts.values():
        past = sorted(known for known in days if known <= day)
        if len(past) >= 3:
            regular += 1
            mean_gap = (past[-1] - past[0]) / (len(past) - 1)
            ceased += day - past[-1] > max(7, 3 * mean_gap)
    return regular, ceased


@given(st.dictionaries(st.sampled_from(["bob", "eve"]), st.sets(st.integers(1, 31), max_size=6), max_size=2))
@settings(max_examples=40, deadline=None)
def test_regular_and_ceased_are_what_the_past_alone_says_each_day(contacts: dict[str, set[int]]) -> None:
    lines = [f"ann 2024-03-{day:02} 10:00 login -" for day in range(1, 32)]
    lines += [f"ann 2024-03-{day:02} 11:00 chat {name}" for name, days in contacts.items() for day in days]
    days = days_of("\n".join(["user date time kind counterpart", *lines]), "ann")
    assert days.select("regular_counterparts", "ceased_counterparts").rows() == [
        standing_by_hand(contacts, day) for day in range(1, 32)
    ]
