"""A feature with a column that no log could have is refused early; one that this log cannot have is absent."""

import polars as pl
import pytest

from features.catalogue.available import available, every_feature
from features.catalogue.validation import check_features, lacking, too_long
from features.define import Feature, before, days_with, external, last_known, life, past, since, today
from features.errors import ContractError
from tests.support.tables import GAME, contract, declared

SOURCES = contract().sources()


def feature(value: pl.Expr, name: str = "mine") -> Feature:
    return declared(name=name, value=value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (past("evnts", 7), r"feature 'mine': there is no measure 'evnts'\.\nDid you mean 'events'"),
        (today("logn"), r"no measure 'logn'"),
        (life(days_with("ordrs")), r"no measure 'ordrs'\.\nDid you mean 'orders'"),
        (past("progres_events", 7), r"no measure 'progres_events'\.\nDid you mean 'progress_events'"),
        (since("kind_quests"), r"no measure 'kind_quests'\.\nDid you mean 'kind_quest'"),
        (last_known("levle"), r"no state 'levle'\.\nDid you mean 'level'"),
        (past("level", 7), r"no measure 'level'\.\n'level' is read with last_known"),
        (last_known("events"), r"no state 'events'\.\n'events' is read with today, past or life"),
        (external("holidy"), r"no external value 'holidy'\.\nDid you mean 'holiday'"),
        (pl.col("events@7"), r"nothing is called 'events@7'"),
        (pl.col("events@7days"), r"nothing is called 'events@7days'"),
    ],
)
def test_a_name_that_no_log_could_have_is_refused(value: pl.Expr, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        check_features([feature(value)], SOURCES)


def test_each_problem_has_its_own_message() -> None:
    wrong = [feature(past("evnts", 7), "a"), feature(today("loggins"), "b"), feature(today("events"), "b")]
    with pytest.raises(ContractError) as caught:
        check_features(wrong, SOURCES)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()[::2]] == [
        "two features are named 'b'.",
        "feature 'a'",
        "feature 'b'",
    ]


def test_a_typo_stops_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.catalogue.available.RHYTHM", (feature(past("evnts", 7)),))
    with pytest.raises(ContractError, match="'evnts'"):
        every_feature(SOURCES)


def test_a_group_or_kind_of_another_contract_is_no_typo_and_makes_the_feature_absent() -> None:
    mine = [feature(past("raid_events", 7), "a"), feature(today("kind_dance"), "b")]
    check_features(mine, SOURCES)
    assert lacking(mine, SOURCES) == {"a": ("group raid",), "b": ("kind dance",)}


def test_what_a_poor_log_lacks_is_said_by_feature() -> None:
    groups = {name: kinds for name, kinds in GAME["groups"].items() if name != "support"}  # type: ignore[attr-defined]
    poor = contract(
        columns={"user_id": "user", "at": "at", "kind": "kind"},
        currency={}, time={"format": "%Y%m%d"}, groups=groups, meaning={},
    ).sources()  # fmt: skip
    lacks = lacking(every_feature(poor), poor)
    assert lacks["logins_life"] == ()
    assert lacks["level"] == ("column level",)
    assert lacks["minutes_per_money_90d"] == ("a time of day", "column amount")
    assert lacks["sessions_today"] == ("column session or a time of day",)
    assert lacks["support_30d"] == ("group support",)
    assert lacks["days_to_renewal"] == (
        "meaning renewal_days", "meaning subscription_end", "meaning subscription_start",
    )  # fmt: skip
    assert lacks["answer_hours_last"] == ("a time of day", "meaning answer", "meaning complaint")
    assert {f.name for f in available(poor)} == {name for name, what in lacks.items() if not what}


def test_a_window_longer_than_the_log_is_found_and_one_as_long_is_not() -> None:
    mine = [
        feature(past("events", 60), "a"),
        feature(before("events", 30), "b"),
        feature(life("events"), "c"),
    ]
    assert too_long(mine, 59) == {"a": 60, "b": 60}
    assert too_long(mine, 60) == {}


def test_the_catalogue_of_a_short_log_has_no_window_longer_than_it() -> None:
    short = available(contract().sources(log_days=40))
    assert too_long(short, 40) == {}
    assert {f.name for f in available(SOURCES)} - {f.name for f in short} == set(
        too_long(every_feature(SOURCES), 40)
    )
