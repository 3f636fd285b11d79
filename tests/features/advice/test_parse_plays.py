"""A file of plays is checked as a whole, and refused with the play, the word and what is allowed."""

from typing import Any

import pytest

from features.advice.actions import action_for
from features.advice.benefits import BENEFITS
from features.advice.causes import CAUSES
from features.catalogue.available import every_feature
from features.define import DIMENSIONS
from features.errors import PlaysError
from tests.support.plays import BENEFITS as WORDS
from tests.support.plays import default_plays, plays_of
from tests.support.tables import contract


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"when": "moon = 'full'"}, r"plays\.yaml: play hint: when = .*there is no column moon"),
        ({"cause": "BORED"}, r"play hint: cause = 'BORED' is not allowed\.\nKnown causes: NEWCOMER, .*STUCK"),
        ({"goals": ["BORED"]}, r"play hint: goals\.0 = 'BORED' is not allowed\.\nKnown causes"),
        ({"accepts": 1.2}, r"play hint: accepts = 1\.2 is not allowed\.\nInput should be less than or equal to 1"),
        ({"accepts": -0.1}, r"play hint: accepts = -0\.1"),
        ({"offer_cost": -1}, r"play hint: offer_cost = -1 is not allowed"),
        ({"cool_down_days": -1}, r"play hint: cool_down_days = -1"),
        ({"says": {}}, r"play hint: says: there is no text in 'en'; languages there: none"),
        ({"says": {"de": "Hinweis"}}, r"play hint: says: there is no text in 'en'; languages there: de"),
        ({"says": {"en": "Step {stage}"}}, r"play hint: says\.en: unknown placeholder \{stage\}\.\nKnown: cause,"),
        ({"says": {"en": "Step {plan"}}, r"play hint: says\.en = 'Step \{plan': .*\nWrite a column in braces"),
        ({"link": {"step": "https://a.example/{stage}"}}, r"play hint: link\.step: unknown placeholder \{stage\}"),
        ({"says": {"en": "Hi", "ru": "Мы скучаем"}}, r"play hint: says\.ru: 'скучаем' says that somebody is missed"),
        ({"duty": True, "offer_cost": 5}, r"play hint: offer_cost = 5, and it is a duty"),
        ({"duty": True, "says": {"en": "Here is a voucher"}}, r"play hint: says\.en: 'voucher' makes an offer before"),
        ({"code": "watch"}, r"play watch: this code means that no play is made"),
        ({"code": "Two words"}, r"play Two words: code = 'Two words' is not allowed"),
        ({"colour": "red"}, r"play hint: unknown key colour = 'red'\.\nKnown here: code, when"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_play_and_word(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PlaysError, match=message):
        plays_of(change)


def test_a_key_that_is_missing_is_named() -> None:
    with pytest.raises(PlaysError, match=r"plays\.yaml: play number 1: the play = 3 is not allowed|key"):
        plays_of(plays=[3])
    with pytest.raises(PlaysError, match=r"play hint: key when is missing"):
        plays_of(plays=[{"code": "hint"}])


def test_two_plays_of_one_code_are_refused() -> None:
    with pytest.raises(
        PlaysError, match=r"play hint stands there twice\.\n.*join the two conditions with OR"
    ):
        plays_of({}, {"when": "cause = 'ALONE'"})


def test_an_offer_before_a_duty_is_refused() -> None:
    offer, duty = {"code": "gift", "offer_cost": 3}, {"code": "answer", "duty": True}
    with pytest.raises(
        PlaysError, match=r"play gift makes an offer \(offer_cost 3\) and stands before the duty"
    ):
        plays_of(offer, duty)
    assert list(plays_of(duty, offer).by_code) == ["answer", "gift"]


def test_the_language_of_the_next_steps_is_needed_in_every_text() -> None:
    both = {"says": {"en": "Give a hint", "de": "Gib einen Hinweis"}}
    benefits = {name: {**texts, "de": "denke daran"} for name, texts in WORDS.items()}
    assert plays_of(both, language="de", benefits=benefits).language == "de"
    with pytest.raises(
        PlaysError, match=r"benefits\.rhythm: there is no text in 'de'; languages there: en\."
    ):
        plays_of(both, language="de")
    with pytest.raises(PlaysError, match=r"play hint: says: there is no text in 'de'; languages there: en\."):
        plays_of({}, language="de", benefits=benefits)


@pytest.mark.parametrize("raw", [None, [], "plays"])
def test_a_file_of_another_form_is_refused(raw: Any) -> None:
    with pytest.raises(
        PlaysError, match=r"expected the keys plays and benefits|plays = .* is not allowed|at least 1"
    ):
        plays_of(plays=raw)


def test_every_cause_has_a_play_in_the_project_s_file() -> None:
    in_conditions = " ".join(play.when.sql for play in default_plays().plays)
    assert [cause.code for cause in CAUSES if f"'{cause.code}'" not in in_conditions] == []
    assert default_plays().plays[0].duty
    assert set(BENEFITS) < set(DIMENSIONS)
    assert set(default_plays().benefits) == set(BENEFITS)


def test_a_goal_serves_a_play_by_a_cause_that_has_an_action_and_never_one_that_waits() -> None:
    acted_on = {one.cause for one in every_feature(contract().sources()) if action_for(one)}
    assert not set(default_plays().goals) & {"wait", "put_right", "local_price", "ask"}
    for served in default_plays().goals.values():
        assert set(served) <= acted_on
