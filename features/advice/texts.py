# ruff: noqa: RUF001  # letters of other alphabets are meant
"""What a text may say to a user, in any language.

Promise: no text begs, blames or bribes. Refused are "we miss you" and guilt in all texts, a survey (detractors stand on
the list of users who may leave, and get none; only texts for the list of surveys may name one), and an offer in a play
that is a duty.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

_MISSING = (
    # English: miss you, missed you, missing you; you are missed; not the same without you
    r"\bmiss(?:ed|es|ing)?\s+(?:(?:having|seeing|hearing)\s+)?(?:from\s+)?you\b",
    r"\byou(?:'re|\s+are|'ve\s+been|\s+were|\s+have\s+been)\s+(?:\w+\s+)?missed\b",
    r"\bnot\s+the\s+same\s+without\s+you\b",
    # Russian: скучаем, скучали, скучает, соскучились; нам вас не хватает
    r"\b(?:за|по)?скуча\w*",
    r"\bсоскуч\w*",
    r"\b(?:вас|тебя)\W+(?:\w+\W+){0,2}не\s+хвата\w*",
    r"\bне\s+хвата\w*\W+(?:\w+\W+){0,2}(?:вас|тебя)\b",
    # Ukrainian: сумуємо, сумували, засумували; нам вас не вистачає, бракує
    r"\b(?:за)?суму(?:є|ю|ва|й)\w*",
    r"\b(?:вас|тебе)\W+(?:\w+\W+){0,2}(?:не\s+вистача|браку)\w*",
    r"\b(?:не\s+вистача|браку)\w*\W+(?:\w+\W+){0,2}(?:вас|тебе)\b",
    # Arabic: نفتقدك, نفتقدكم, افتقدناك, اشتقنا إليك, نشتاق
    r"\w*فتقد\w*",
    r"\w*(?:اشتقنا|نشتاق|مشتاق)\w*",
    # German, French, Spanish, Italian, Portuguese, Polish, Turkish
    r"\bvermiss\w*\s+(?:dich|sie|euch)\b",
    r"\b(?:vous|tu)\s+nous\s+manqu\w*",
    r"\b(?:te|os|le|les)\s+(?:extra[ñn]a\w*|echa\w*\s+de\s+menos)",
    r"\b(?:ci|mi)\s+manc\w*",
    r"\bsent\w*\s+(?:a\s+)?(?:sua|tua)\s+falta\b",
    r"\bt[ęe]skni\w*",
    r"\b(?:sizi|seni)\s+[öo]zl\w*",
)
_GUILT = (
    r"\bafter\s+(?:all|everything)\s+(?:that\s+)?(?:we|i)(?:'ve|'d|\s+have|\s+had)?\s+(?:done|did|do|gave|given|built)\b",
    r"\byou(?:'ve|\s+have)?\s+(?:abandon|forgot|forsak)\w*\s+us\b",
    r"\bhow\s+could\s+you\b",
    r"\bпосле\s+всего\W+что\s+мы\b(?:\W+\w+){0,3}?\W+с?дел\w+",
    r"\bвы\s+(?:нас\s+)?(?:забыли|бросили|покинули)\b(?:\s+нас)?",
    r"\bпісля\s+всього\W+що\s+ми\b(?:\W+\w+){0,3}?\W+з?роби\w+",
    r"\bви\s+(?:нас\s+)?(?:забули|покинули|кинули)\b(?:\s+нас)?",
    r"بعد\s+كل\s+(?:ما|شيء)\s+(?:فعلنا|قدمنا|عملنا)\w*",
    r"\bnach\s+allem\W+was\s+wir\b",
    r"\bapr[èe]s\s+tout\s+ce\s+que\s+nous\s+avons\s+fait\b",
    r"\bdespu[ée]s\s+de\s+todo\s+lo\s+que\s+hemos\s+hecho\b",
)
_SURVEY = (
    r"\bsurvey\w*", r"\bquestionnaire\w*", r"\brate\s+us\b", r"\bnps\b",
    r"\bопрос\w*", r"\bанкет\w*", r"\bоцените\s+нас\b", r"\bопитуван\w*", r"\bоцініть\s+нас\b",
    r"\w*(?:استبيان|استطلاع)\w*", r"\bumfrage\w*", r"\bencuesta\w*", r"\bsondage\w*",
)  # fmt: skip
_OFFER = (
    r"\bdiscount\w*", r"\bcoupon\w*", r"\bvoucher\w*", r"\bpromo\s*codes?\b", r"\bspecial\s+offer\w*", r"\bcashback\b",
    r"\bbonus\w*", r"\bfree\s+(?:day|week|month|trial|gift)\w*", r"\d\s*%\s*off\b", r"\bскидк\w*", r"\bкупон\w*",
    r"\bпромокод\w*", r"\bбонус\w*", r"\bподар\w+", r"\bзнижк\w*", r"\bподарун\w*", r"\w*(?:خصم|تخفيض|قسيمة|هدية)\w*",
    r"\brabatt\w*", r"\bgutschein\w*", r"\bdescuento\w*", r"\bremise\w*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """`words` that a text must not say, why not, and what to do."""

    words: str
    because: str
    advice: str


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    because: str
    advice: str


def _rule(forms: tuple[str, ...], because: str, advice: str) -> _Rule:
    return _Rule(re.compile("|".join(forms), re.IGNORECASE), because, advice)


_ALWAYS = (
    _rule(_MISSING, "says that somebody is missed", "Name one simple thing to do for the user instead"),
    _rule(_GUILT, "makes the user feel guilty", "Name one simple thing to do for the user instead"),
)
_WITHOUT_SURVEYS = (
    _rule(
        _SURVEY,
        "asks for a survey, and detractors stand on this list",
        "Send surveys to users of another list",
    ),
)
_IN_DUTIES = (
    _rule(
        _OFFER, "makes an offer before an open request is answered", "Answer the request, and offer nothing"
    ),
)


def refused_words(text: str, *, duty: bool, survey: bool = False) -> Iterator[Refused]:
    """What `text` must not say; `duty`: its play is owed to the user; `survey`: its users may be asked for a survey.

    >>> [one.words for one in refused_words("We've missed you", duty=False)]
    ['missed you']
    >>> [one.words for one in refused_words("See what you missed", duty=False)]
    []
    """
    plain = _plain(text)
    for rule in (*_ALWAYS, *(() if survey else _WITHOUT_SURVEYS), *(_IN_DUTIES if duty else ())):
        found = rule.pattern.search(plain)
        if found:
            yield Refused(found[0].strip(), rule.because, rule.advice)


def placeholders(text: str) -> list[str]:
    """The names in braces, in order. Raises ValueError for a brace without its pair, or more than a name in braces."""
    names = []
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if spec or conversion or not name.isidentifier():
            raise ValueError(f"{{{name}}} is not a name in braces")
        names.append(name)
    return names


def first_words(
    texts: Mapping[str, str], *, duty: bool, survey: bool = False
) -> Iterator[tuple[str, Refused]]:
    """What each of `texts` (by language) must not say, with its language."""
    for language, text in texts.items():
        for refused in refused_words(text, duty=duty, survey=survey):
            yield language, refused


def _plain(text: str) -> str:
    """Compatibility forms unified, typographic apostrophes made plain, vowel marks and stretches of Arabic removed."""
    unified = unicodedata.normalize("NFKC", text).replace("’", "'").replace("ʼ", "'").replace("ـ", "")
    return "".join(sign for sign in unified if not ("ً" <= sign <= "ْ"))
