"""Names of groups, kinds, tables and values, as used in feature names and in sentences."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PREPOSITIONS = frozenset({"about", "at", "by", "for", "from", "in", "of", "on", "to", "with"})
_PARTICIPLE = re.compile("^(done|found|made|paid|sent|seen|won|lost|read|begun|left|met)$|[^e]ed$")


def plain(name: str) -> str:
    """`name` in lower case; each run of characters other than letters, digits and `_` becomes one `_`.

    >>> plain("Google Ads (paid)")
    'google_ads_paid'
    """
    return re.sub(r"\W+", "_", name).strip("_").lower()


def braceless(text: str) -> str:
    """`text` for a sentence template, in which braces mean a value.

    >>> braceless("a {b}")
    'a (b)'
    """
    return text.replace("{", "(").replace("}", ")")


@dataclass(frozen=True, slots=True)
class Words:
    """The words for a kind or a group in sentence templates: for `one` of its events, and for `many`."""

    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Nouns:
    """What the log's people call one event, one session, and one day on which a user came."""

    action: Words = Words("action", "actions")
    session: Words = Words("session", "sessions")
    visit: Words = Words("visit", "visits")

    def said(self, text: str) -> str:
        """`text`, a sentence template, with these words for actions, sessions and visits.

        >>> Nouns(visit=Words("order", "orders")).said("on average {value:.1f} days between visits")
        'on average {value:.1f} days between orders'
        """
        return _NOUN.sub(self._in_place, text)

    def _in_place(self, noun: re.Match[str]) -> str:
        words: Words = getattr(self, noun[1])
        return words.many if noun[2] else words.one


NOUNS = Nouns()
_NOUN = re.compile(rf"\b({'|'.join(Nouns.__slots__)})(s?)\b")


def words_of(name: str, names: Mapping[str, Words]) -> Words:
    """The words for a kind or a group: those of `names`, or else `name` without underscores.

    >>> words_of("quest_done", {})
    Words(one='quest done', many='quests done')
    """
    given = names.get(name)
    if given is not None:
        return Words(braceless(given.one), braceless(given.many))
    one = braceless(name.replace("_", " "))
    return Words(one, several(one))


def several(one: str) -> str:
    """The English plural of `one`, a noun that words may follow: a preposition, or one last participle.

    A noun that ends in "s" stays as it is.

    >>> [several(one) for one in ("failed quest", "gift to a friend", "area found", "entry", "match", "chats")]
    ['failed quests', 'gifts to a friend', 'areas found', 'entries', 'matches', 'chats']
    """
    words = one.split(" ")
    noun = next((at for at, word in enumerate(words) if at and word in _PREPOSITIONS), len(words)) - 1
    if noun and _PARTICIPLE.search(words[noun]):
        noun -= 1
    if not _PARTICIPLE.search(words[noun]):
        words[noun] = _plural(words[noun])
    return " ".join(words)


def _plural(noun: str) -> str:
    if re.search("([^s]s|[^aeiou]ics)$", noun):
        return noun
    if re.search("(ss|x|z|ch|sh)$", noun):
        return f"{noun}es"
    return re.sub("([^aeiou])y$", r"\1ie", noun) + "s"


def group_measure(group: str) -> str:
    """The name of the measure that counts the events of a group."""
    return f"{plain(group)}_events"


def meaning_measure(name: str) -> str:
    """The name of the measure that counts the events of a meaning."""
    return f"{name}_marks"


def kind_measure(kind: str) -> str:
    """The name of the measure that counts the events of a kind."""
    return f"kind_{plain(kind)}"


def kind_measures(groups: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """By kind the name of its measure, in the contract's order; the contract ensures unique names."""
    return {kind: kind_measure(kind) for kinds in groups.values() for kind in kinds}
