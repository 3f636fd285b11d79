"""Names of groups, kinds, tables and values, as used in feature names and in sentences."""

import re
from collections.abc import Iterable, Mapping


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


def in_words(name: str, names: Mapping[str, str]) -> str:
    """The words for a kind or a group in a sentence template: those of `names`, or else `name` without underscores.

    >>> in_words("area_found", {"area_found": "area discovered"}), in_words("quest_done", {})
    ('area discovered', 'quest done')
    """
    return braceless(names.get(name, name.replace("_", " ")))


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
