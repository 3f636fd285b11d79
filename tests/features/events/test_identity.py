"""Whose event is whose: an anonymous visitor's from the day on which the id is linked."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.contract.parse import parse_contract
from features.events.extraction import extract_events, plan_events
from features.events.fields import FILE, LINE
from features.events.identity import ANONYMOUS, LINKS, identified, without_repeats

CONTRACT = parse_contract(
    {
        "format": "csv",
        "columns": {"at": "at", "kind": "kind"},
        "identity": {"from": "visitor", "to": "member"},
        "groups": {"use": ["open"]},
    },
    "shop.yaml",
)


def at(day: int, hour: int) -> datetime:
    return datetime(2024, 3, day, hour, tzinfo=UTC)


def links(*each: tuple[str, str, datetime]) -> pl.DataFrame:
    return without_repeats(pl.DataFrame(list(each), schema=LINKS, orient="row"))


def who(events: list[tuple[str, datetime]], known: pl.DataFrame) -> list[str]:
    frame = pl.DataFrame(events, schema={"user_id": pl.String, "at": pl.Datetime("us", "UTC")}, orient="row")
    return identified(frame, known, CONTRACT)["user_id"].to_list()


def test_events_from_the_day_of_the_link_on_are_the_users() -> None:
    known = links(("v", "ann", at(2, 12)))
    events = [("v", at(1, 9)), ("v", at(2, 9)), ("v", at(2, 13)), ("v", at(9, 9)), ("w", at(9, 9))]
    assert who(events, known) == ["v", "ann", "ann", "ann", "w"]


def test_the_last_link_before_an_event_decides_on_a_shared_device() -> None:
    known = links(("v", "ann", at(2, 12)), ("v", "bob", at(4, 12)))
    assert who([("v", at(3, 9)), ("v", at(4, 9)), ("v", at(4, 13))], known) == ["ann", "ann", "bob"]


def test_a_user_may_be_linked_in_turn_and_a_circle_ends_at_its_first_step() -> None:
    chain = links(("v", "old", at(2, 9)), ("old", "new", at(5, 9)))
    assert who([("v", at(3, 9)), ("v", at(6, 9))], chain) == ["old", "new"]
    circle = links(("v", "old", at(2, 9)), ("old", "v", at(2, 9)))
    assert who([("v", at(3, 9))], circle) == ["old"]


MOMENTS = st.tuples(st.integers(1, 6), st.integers(0, 23))
IDS = st.sampled_from(["v", "w", "ann", "bob"])


@given(
    st.lists(st.tuples(IDS, MOMENTS), max_size=12),
    st.lists(st.tuples(IDS, IDS, MOMENTS), max_size=6),
    st.integers(1, 6),
)
def test_no_link_of_a_later_day_changes_an_event(
    events: list[tuple[str, tuple[int, int]]],
    made: list[tuple[str, str, tuple[int, int]]],
    day: int,
) -> None:
    early = [(user, at(*moment)) for user, moment in events if moment[0] <= day]
    whole = [(one, other, at(*moment)) for one, other, moment in made if one != other]
    cut = [link for link in whole if link[2] < at(day + 1, 0)]
    assert who(early, links(*whole)) == who(early, links(*cut))


def test_lines_without_a_member_are_the_visitors() -> None:
    raw = pl.DataFrame(
        {
            "visitor": ["v", "v", "ann", None, "ann"],
            "member": [None, "ann", "ann", "ann", None],
            "at": ["2024-03-01 09:00"] * 5,
            "kind": ["open"] * 5,
            FILE: ["log.csv"] * 5,
            LINE: [2, 3, 4, 5, 6],
        }
    )
    found = extract_events(plan_events(CONTRACT, raw.schema), raw, 0)
    assert found.events["user_id"].to_list() == ["v", "ann", "ann", "ann", "ann"]
    assert found.events[ANONYMOUS].to_list() == [True, False, False, False, True]
    assert found.links.rows() == [("v", "ann", at(1, 9))]
