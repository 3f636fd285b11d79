"""What a kind speaks of follows from its meaning in the contract, its words from `names`."""

import math

import pytest

from features.catalogue.available import every_feature
from features.define import Feature
from features.errors import ContractError
from features.wording.sentences import sentence
from pipeline.log.contract_file import load_contract
from tests.support.paths import LOG_CONTRACTS, ROOT
from tests.support.tables import contract

SHOP = {
    "groups": {
        "trade": ["buy", "money_back"],
        "help": ["question", "reply"],
        "look": ["view", "support_page"],
        "play": ["won", "lost"],
    },
    "meaning": {
        "refund": ["money_back"],
        "complaint": ["question"],
        "answer": ["reply"],
        "goal": ["won"],
        "failure": ["lost"],
    },
    "presence": {},
}


def features(**changes: object) -> dict[str, Feature]:
    return {one.name: one for one in every_feature(contract(**{**SHOP, **changes}).sources())}


@pytest.mark.parametrize(
    ("kind", "cause", "amount", "clock"),
    [
        ("money_back", "REFUNDED", "high", "low"),
        ("question", "SUPPORT_WAITS", "high", "low"),
        ("reply", "SUPPORT_WAITS", "either", "either"),
        ("won", "STUCK", "low", "high"),
        ("lost", "STUCK", "high", "low"),
        ("buy", "PAYS_LESS", "either", "either"),
        ("support_page", "NARROW_USE", "low", "high"),  # the word in its name says nothing
    ],
)
def test_a_kind_has_the_cause_of_its_meaning_or_of_its_group(
    kind: str, cause: str, amount: str, clock: str
) -> None:
    made = features()
    days, last = made[f"days_with_kind_{kind}_share"], made[f"days_since_kind_{kind}"]
    assert (days.cause, last.cause) == (cause, cause)
    assert (days.worse, last.worse) == (amount, clock)


def test_a_kind_that_is_paid_as_a_subscription_does_not_say_that_it_lapses() -> None:
    demo = every_feature(load_contract(ROOT / "data/contracts/demo.yaml").sources())
    causes = {one.name: one.cause for one in demo if "subscription" in one.name and "_kind_" in one.name}
    assert set(causes.values()) == {"PAYS_LESS"}


def test_one_more_of_a_kind_is_a_goal_where_those_who_leave_do_less_of_it() -> None:
    goals = {one.name: one.goal for one in features().values() if one.goal}
    assert goals["days_since_kind_won"] == "have one won"
    assert goals["days_since_kind_support_page"] == "have one support page"
    assert not {"days_since_kind_money_back", "days_since_kind_lost", "days_since_kind_buy"} & set(goals)


def test_a_kind_is_called_by_its_words() -> None:
    plain, named = features(), features(names={"support_page": "visit to the help {pages}"})
    last = "days_since_kind_support_page"
    assert sentence(plain[last], 3.0, 1.5) == "last support page 3 days before the login, usually 1.5 days"
    assert sentence(named[last], 1.0, math.nan) == "last visit to the help (pages) 1 day before the login"
    assert (
        sentence(named["share_of_kind_support_page_30d"], 0.0, 0.2)
        == "none of the actions of the last 30 days were visits to the help (pages), usually 20%"
    )


def test_a_contract_may_give_the_words_for_one_and_for_many() -> None:
    made = features(names={"lost": {"one": "defeat", "many": "lost battles"}})
    share, last = made["share_of_kind_lost_30d"], made["days_since_kind_lost"]
    assert sentence(share, 0.2, 0.1).startswith("lost battles made up 20% of the actions")
    assert sentence(last, 2.0, math.nan) == "last defeat 2 days before the login"
    with pytest.raises(ContractError, match=r"names\.lost"):
        features(names={"lost": {"one": "defeat"}})


def test_a_contract_may_give_the_words_for_what_every_log_has() -> None:
    made = features(
        nouns={"action": "item", "visit": {"one": "order", "many": "orders"}},
        names={"won": "visit to a session"},
        columns={"user_id": "user", "at": "at", "kind": "kind"},
    )
    assert sentence(made["gap_mean_days"], 9.0, math.nan) == "on average 9 days between orders"
    assert (
        sentence(made["events_per_login_day_30d"], 1.0, 3.0)
        == "1 item per order in the last 30 days, usually 3"
    )
    assert sentence(made["days_with_kind_view_share"], 0.5, math.nan) == "views on 50% of the orders"
    assert (
        sentence(made["days_since_kind_won"], 2.0, math.nan)
        == "last visit to a session 2 days before the login"
    )
    assert sentence(made["sessions_30d"], 2.0, math.nan) == "2 sessions in the last 30 days"
    assert made["events_30d"].goal == "have {more:item|items} {when}"
    assert features()["events_30d"].goal == "do {more:thing|things} here {when}"
    with pytest.raises(
        ContractError, match=r"unknown key nouns\.visitor.*\nKnown here: action, session, visit"
    ):
        features(nouns={"visitor": "guest"})


def test_a_refund_is_received() -> None:
    made = features()
    assert (
        sentence(made["days_since_kind_money_back"], 0.0, 3.0) == "received a refund on the day of the login"
    )
    both = {"refund": ["money_back", "reply"]}
    assert sentence(features(meaning=both)["days_since_kind_reply"], 2.0, 3.0) == (
        "received a refund (reply) 2 days before the login"
    )


def test_every_contract_in_the_project_names_only_its_groups_and_kinds() -> None:
    for path in LOG_CONTRACTS:
        one = load_contract(path)
        assert set(one.names) <= {*one.groups, *one.kind_groups}
