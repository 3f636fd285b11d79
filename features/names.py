"""Names of groups, kinds, tables and values, as used in feature names and in sentences."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

OF_QUANTITIES = "quantity_"
"""What the column of an event, the measures and the features of a quantity begin with."""
_TOP, _LAST = ".top", ".last"  # no quantity's name has a point, so no two measures are alike
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


def quantity_column(name: str) -> str:
    """The column of an event that holds the quantity `name`; its daily total is a measure of the same name.

    >>> quantity_column("points")
    'quantity_points'
    """
    return f"{OF_QUANTITIES}{name}"


def values_measure(name: str) -> str:
    """The measure that counts the events of a day with a value of the quantity `name`."""
    return f"{OF_QUANTITIES}{name}.values"


def top_measure(name: str) -> str:
    """The measure of the largest value of a single event of a day."""
    return f"{OF_QUANTITIES}{name}{_TOP}"


def name_of_top(measure: str) -> str | None:
    """The quantity whose `top_measure` this is; None for any other measure."""
    named = measure.startswith(OF_QUANTITIES) and measure.endswith(_TOP)
    return measure.removeprefix(OF_QUANTITIES).removesuffix(_TOP) if named else None


def record_measure(name: str) -> str:
    """The measure that is 1 on a day with a larger value than ever before."""
    return f"{OF_QUANTITIES}{name}.record"


def gain_measure(name: str) -> str:
    """The measure of the rise of the level `name` over the last known one."""
    return f"{OF_QUANTITIES}{name}.gain"


def last_state(name: str) -> str:
    """The state that is the last value of the quantity `name`."""
    return f"{OF_QUANTITIES}{name}{_LAST}"


def is_last_state(name: str) -> bool:
    """Whether `name` is that of a `last_state`."""
    return name.startswith(OF_QUANTITIES) and name.endswith(_LAST)


def decayed_state(measure: str, days: int) -> str:
    """The state that is the recent level of `measure`, with a half-life of `days` days.

    >>> decayed_state("events", 14)
    'events~14d'
    """
    return f"{measure}~{days}d"
