"""Each user is excluded by the first rule that applies; what is owed overrides the built-in rules."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from features.advice.conditions import condition
from features.advice.facts import FACTS
from pipeline.crm.exclusions import NeverContact, exclusions
from tests.support.plays import default_plays, facts_of

AS_OF = date(2024, 3, 31)
NOBODY = pl.Series("user_id", [], dtype=pl.String)
PLAIN = {"play": "way_past", "duty": False, "evidence": "enough", "population": "veteran"}


def listed_of(*users: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{"user_id": f"u{i}", **PLAIN, **user} for i, user in enumerate(users)])


def of_file(name: str, **until: date | None) -> NeverContact:
    users = pl.DataFrame(
        {"user_id": list(until), "until": list(until.values())}, schema_overrides={"until": pl.Date}
    )
    return NeverContact(name, users, None)


def excluded(
    listed: pl.DataFrame,
    *rules: NeverContact,
    facts: pl.DataFrame | None = None,
    bots: pl.Series = NOBODY,
    contacts: pl.DataFrame | None = None,
) -> list[str | None]:
    known = facts_of(*[{}] * listed.height) if facts is None else facts
    return exclusions(listed, known, rules, bots, contacts, default_plays().by_code, AS_OF).to_list()


def contacted(**days_ago: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"user_id": list(days_ago), "day": [AS_OF - timedelta(days=days) for days in days_ago.values()]}
    )


def test_the_first_rule_that_applies_is_named() -> None:
    young = NeverContact("minors", None, condition("minors: when", "age < 18", {**FACTS, "age": None}))
    facts = facts_of({}, {}, {}, age=["17", "17", "30"])
    out = of_file("opted_out", u0=None)
    assert excluded(listed_of({}, {}, {}), out, young, facts=facts) == ["opted_out", "minors", None]
    assert excluded(listed_of({}, {}, {}), young, out, facts=facts) == ["minors", "minors", None]


def test_an_exclusion_holds_up_to_its_last_day() -> None:
    rule = of_file("paused", u0=AS_OF, u1=AS_OF - timedelta(days=1), u2=None)
    assert excluded(listed_of({}, {}, {}, {}), rule) == ["paused", None, "paused", None]


def test_promoters_machines_and_thin_evidence_are_left_out_but_newcomers_keep_their_play() -> None:
    listed = listed_of({}, {}, {"evidence": "thin"}, {"evidence": "thin", "population": "newcomer"}, {})
    facts = facts_of({"nps_group": "promoter"}, {"nps_group": "passive"}, {}, {}, {"nps_group": "detractor"})
    found = excluded(listed, facts=facts, bots=pl.Series(["u1"]))
    assert found == ["promoter", "bot", "thin_evidence", None, None]


@pytest.mark.parametrize(
    ("days_ago", "play", "rule"),
    [(0, "way_past", "cool_down"), (13, "way_past", "cool_down"), (14, "way_past", None), (14, "listen", "cool_down"),
     (29, "listen", "cool_down"), (30, "listen", None), (7, "first_success", None), (0, "watch", None)],
)  # fmt: skip
def test_a_contact_excludes_for_the_cool_down_of_the_play(days_ago: int, play: str, rule: str | None) -> None:
    assert excluded(listed_of({"play": play}), contacts=contacted(u0=days_ago)) == [rule]


def test_the_last_contact_counts_and_others_do_not() -> None:
    contacts = pl.concat([contacted(u0=40), contacted(u0=3), contacted(u1=40), contacted(stranger=1)])
    assert excluded(listed_of({}, {}, {}), contacts=contacts) == ["cool_down", None, None]


def test_what_is_owed_overrides_the_built_in_rules_and_not_those_of_files() -> None:
    listed = listed_of({"duty": True}, {"play": "answer_now"}, {}, {"duty": True})
    contacts = contacted(u0=0, u1=0, u2=0, u3=0)
    assert excluded(listed, of_file("opted_out", u3=None), contacts=contacts) == [
        None,
        None,
        "cool_down",
        "opted_out",
    ]


def test_nobody_listed_gives_no_rows() -> None:
    assert excluded(listed_of({}).clear(), of_file("opted_out", u0=None), contacts=contacted(u0=1)) == []
