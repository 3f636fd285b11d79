"""A file of texts for the lists for import is checked as a whole, and refused with the list, the text and the word."""

from collections.abc import Callable
from typing import Any

import pytest

from features.advice.list_facts import LISTS, SAVE
from features.advice.list_texts import parse_list_texts
from features.errors import PlaysError
from tests.support.import_lists import KNOWN, default_texts, raw_texts

Change = Callable[[dict[str, Any]], object]


def parsed(change: Change, language: str = "en") -> object:
    raw = raw_texts()
    change(raw)
    return parse_list_texts(raw, "lists.yaml", KNOWN, language)


def text(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """The last text of a list."""
    found: dict[str, Any] = raw["lists"][name]["texts"][-1]
    return found


def test_the_project_s_file_has_texts_for_every_list_and_an_ask_for_every_promoter() -> None:
    texts = default_texts()
    assert tuple(texts.lists) == LISTS
    assert {one.ask for one in texts.lists["promoters"].texts} == {"review", "beta", "referral"}
    assert all(one.says for name in LISTS if name != SAVE for one in texts.lists[name].texts)
    assert texts.lists["survey"].again_days == 90


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw["lists"].pop("reward"), r"lists\.yaml: lists\.reward is missing\.\nEvery list has texts"),
        (lambda raw: raw["lists"].update(lost={}), r"lists\.yaml: lists\.lost = 'lost' is not allowed|list lost"),
        (lambda raw: raw["lists"]["reward"].update(texts=[]), r"list reward: texts = \[\] is not allowed"),
        (lambda raw: raw["lists"]["reward"].update(days=3), r"list reward: unknown key days = 3\.\nKnown here: cool"),
        (lambda raw: raw["lists"]["reward"].update(again_days=-1), r"list reward: again_days = -1 is not allowed"),
        (lambda raw: text(raw, "reward").pop("why"), r"list reward: text reward_use: key why is missing"),
        (
            lambda raw: text(raw, "reward").update(colour="red"),
            r"list reward: text reward_use: unknown key colour = 'red'\.\nKnown here: code, when, why, says, ask",
        ),
        (
            lambda raw: text(raw, "reward").update(when="moon = 'full'"),
            r"list reward: text reward_use: when = .*there is no column moon",
        ),
        (lambda raw: text(raw, "reward").update(when="arm = 'holdout'"), r"arm follows from the choice"),
        (
            lambda raw: text(raw, "reward").update(says={"en": "A gift for {shoe}"}),
            r"text reward_use: says\.en: unknown placeholder \{shoe\}",
        ),
        (
            lambda raw: text(raw, "winback").update(says={"en": "Hello", "ru": "Мы скучаем"}),
            r"list winback: text winback_subscription: says\.ru: 'скучаем' says that somebody is missed",
        ),
        (
            lambda raw: text(raw, "winback").update(why={"en": "We miss you"}),
            r"why\.en: 'miss you' says that somebody is missed",
        ),
        (
            lambda raw: text(raw, "upgrade").update(says={"en": "Ask for a short survey"}),
            r"text upgrade_goal: says\.en: 'survey' asks for a survey",
        ),
        (lambda raw: text(raw, "upgrade").update(says={}), r"text upgrade_goal: says: there is no text in 'en'"),
        (lambda raw: text(raw, "save").update(says={"en": "Hi"}), r"text save_risk: says is not allowed here"),
        (lambda raw: text(raw, "promoters").pop("ask"), r"text ask_review: ask is missing"),
        (lambda raw: text(raw, "reward").update(ask="beta"), r"text reward_use: ask = 'beta' is not allowed here"),
        (
            lambda raw: text(raw, "reward").update(code="ask_beta"),
            r"list reward: text ask_beta: list promoters has a text of this code",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_list_and_word(change: Change, message: str) -> None:
    with pytest.raises(PlaysError, match=message):
        parsed(change)


@pytest.mark.parametrize("raw", [None, [], {"lists": 3}])
def test_a_file_of_another_form_is_refused(raw: Any) -> None:
    with pytest.raises(PlaysError, match=r"lists\.yaml: (expected the key lists|lists = 3 is not allowed)"):
        parse_list_texts(raw, "lists.yaml", KNOWN, "en")


def test_only_the_texts_for_surveys_may_name_one_and_every_language_in_use_is_needed() -> None:
    parsed(lambda raw: text(raw, "survey").update(says={"en": "Send the survey"}))
    with pytest.raises(PlaysError, match=r"list save: text save_request: why: there is no text in 'de'"):
        parsed(lambda _: None, "de")
