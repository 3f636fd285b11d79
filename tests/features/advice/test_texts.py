# ruff: noqa: RUF001  # letters of other alphabets are meant
"""No text begs, blames or bribes, in any language."""

import pytest

from features.advice.texts import placeholders, refused_words


@pytest.mark.parametrize(
    "text",
    [
        "We miss you", "WE MISS YOU!", "We've missed you", "we’ve missed you so much", "Missing you already",
        "You are missed", "You have been missed", "It's not the same without you", "We miss seeing you here",
        "Мы скучаем", "мы СКУЧАЛИ", "ваша команда скучает по вам", "Мы соскучились", "Нам вас не хватает",
        "Нам вас очень не хватает", "не хватает вас", "нам тебя не хватало",
        "Ми сумуємо", "ми сумували за вами", "сумуємо без вас", "Нам вас не вистачає", "нам вас бракує",
        "نفتقدك", "نَفْتَقِدُكَ", "نـفـتـقـدك", "نحن نفتقدكم", "افتقدناك", "اشتقنا إليك",
        "Wir vermissen dich", "Vous nous manquez", "Te extrañamos", "Ci manchi", "Sizi özledik", "Tęsknimy za tobą",
    ],
)  # fmt: skip
def test_nobody_is_told_that_they_are_missed(text: str) -> None:
    assert [one.because for one in refused_words(text, duty=False)] == ["says that somebody is missed"]


@pytest.mark.parametrize(
    "text",
    [
        "After all we did for you", "after everything that we've done for you", "You forgot us", "How could you leave",
        "После всего, что мы для вас сделали", "вы нас забыли", "Після всього, що ми для вас зробили",
        "بعد كل ما فعلناه لك", "Nach allem, was wir getan haben",
    ],
)  # fmt: skip
def test_nobody_is_made_to_feel_guilty(text: str) -> None:
    assert [one.because for one in refused_words(text, duty=False)] == ["makes the user feel guilty"]


@pytest.mark.parametrize(
    "text", ["Take our survey", "Rate us", "Пройдите опрос", "Оцініть нас", "شارك في استبيان"]
)
def test_a_detractor_never_gets_a_survey_since_no_play_is_one(text: str) -> None:
    assert len(list(refused_words(text, duty=False))) == 1


@pytest.mark.parametrize(
    "text", ["20% off", "a free month", "Вот скидка", "ваш промокод", "знижка", "خصم خاص"]
)
def test_an_offer_in_words_is_refused_before_a_request_is_answered_only(text: str) -> None:
    assert [one.advice for one in refused_words(text, duty=True)] == ["Answer the request, and offer nothing"]
    assert not list(refused_words(text, duty=False))


@pytest.mark.parametrize(
    "text",
    [
        "See what you missed", "Show the missing step", "Do not miss the match", "Answer their request today",
        "Before any offer, answer their open request today", "Ответьте на вопрос", "Скажіть суму вашу",
        "Help them after all other ways failed", "Не хватает одного шага",
    ],
)  # fmt: skip
def test_plain_advice_passes(text: str) -> None:
    assert not list(refused_words(text, duty=True))


def test_placeholders_are_names_in_braces() -> None:
    assert placeholders("Open step {step} of {plan}, {{really}}") == ["step", "plan"]
    for text in ("{step", "{step!r}", "{step:.1f}", "{a.b}", "{}"):
        with pytest.raises(ValueError, match=r"brace|\}"):
            placeholders(text)
