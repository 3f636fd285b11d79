"""Names of styles, from the dimensions in which their users differ from other users.

Promise: a name describes the risk: what endangers the users. It never says that they stay, and it names no dimension
in which most of its users have nothing that could be told as a reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Floats


@dataclass(frozen=True, slots=True)
class Words:
    """The words for a dimension: "risk from `danger`", "little from `use`"."""

    danger: str
    use: str


WORDS: Mapping[str, Words] = {
    "rhythm": Words("rare visits", "visits"),
    "intensity": Words("little activity", "activity"),
    "progress": Words("being stuck", "progress"),
    "social": Words("few contacts", "contacts"),
    "spending": Words("low spending", "spending"),
    "breadth": Words("narrow use", "variety"),
    "satisfaction": Words("bad experiences", "experiences"),
    "context": Words("outside factors", "outside factors"),
}
RISK: Mapping[str, tuple[str, str]] = {
    "rhythm": ("coming seldom or irregularly", "the rhythm of their visits"),
    "intensity": ("doing little", "how much they do"),
    "progress": ("making no progress", "their progress"),
    "social": ("few contacts with others", "their contacts with others"),
    "spending": ("paying little, or less than before", "what they pay"),
    "breadth": ("using few things", "the range of what they use"),
    "satisfaction": ("complaints, refunds or low scores", "few complaints, refunds or low scores"),
    "context": ("outside factors such as channel, country, season or prices", "favourable outside factors"),
}
"""By dimension: the words if it raises the risk more than among peers, and the words if less."""
_MIXED = "Mixed risks"
"""The name of users who differ in nothing that endangers them."""
_NEVER_LITTLE = frozenset({"context", "rhythm"})
"""A low risk in these names nobody: what is around a user is not the user's doing, and users who are away are listed,
too."""
_STANDS_OUT, _SAYS_SOMETHING = 0.5, 0.25  # standard deviations
_TOLD, _TOLD_SOME = 0.5, 0.2  # shares of a style's users
_WORDS, _MOST_WORDS, _MOST_NAMED = 2, 4, 3


def style_names(centres: Floats, dimensions: Sequence[str], told: Floats) -> list[str]:
    """A unique name for each of `centres` (styles, dimensions): "Risk from being stuck", "Mixed risks".

    `centres`: standardised contributions of their users, above 0 where a dimension raises the risk more than usual.
    `told`: (styles, dimensions) the share of their users who have a reason in it that can be told.
    The two dimensions that raise the risk most name a style. If two styles would share a name, more dimensions are
    used, then those that lower the risk, then what some of their users leave for, and then a number.
    """
    tellable = np.where(told >= _TOLD, centres, np.minimum(centres, 0.0))
    untold = np.where(told < _TOLD, centres, np.maximum(centres, 0.0))
    names = [_name(centre, dimensions, _WORDS) for centre in tellable]
    for words in range(_WORDS + 1, _MOST_WORDS + 1):
        names = [
            _name(centre, dimensions, words) if names.count(name) > 1 else name
            for name, centre in zip(names, tellable, strict=True)
        ]
    names = [
        f"{name}{_little(centre, dimensions)}" if names.count(name) > 1 else name
        for name, centre in zip(names, untold, strict=True)
    ]
    return unlike(_with_some(names, centres, dimensions, told))


def _with_some(names: Sequence[str], centres: Floats, dimensions: Sequence[str], told: Floats) -> list[str]:
    """`names`, with ", some from rare visits" for a style that would share its name with an earlier one.

    It is the dimension in which the style differs most from the earlier one, of those that some of its users are told.
    """
    distinct: list[str] = []
    for i, name in enumerate(names):
        first = names.index(name)
        more = np.where(told[i] >= _TOLD_SOME, centres[i] - centres[first], 0.0)
        most = int(np.argmax(more))
        some = f", some from {WORDS[dimensions[most]].danger}" if more[most] > 0 else ""
        distinct.append(f"{name}{some}")
    return distinct


def unlike(names: Sequence[str]) -> list[str]:
    """`names` made unique by a number: "Mixed risks", "Mixed risks (2)"."""
    distinct: list[str] = []
    for name in names:
        unique, number = name, 1
        while unique in distinct:
            number += 1
            unique = f"{name} ({number})"
        distinct.append(unique)
    return distinct


def style_says(scores: Floats, dimensions: Sequence[str], told: Floats) -> str:
    """What raises the risk of users whose mean standardised contributions are `scores`, and what lowers it.

    `told`: as for `style_names`, of this style.

    >>> style_says(np.array([-0.6, 0.1]), ("rhythm", "social"), np.array([0.1, 0.9]))
    'Nothing raises their risk above that of peers. What lowers it: the rhythm of their visits.'
    """
    order = [i for i in np.argsort(-np.abs(scores), kind="stable") if abs(scores[i]) >= _SAYS_SOMETHING]
    raised = [RISK[dimensions[i]][0] for i in order if scores[i] > 0 and told[i] >= _TOLD][:_MOST_NAMED]
    kept = [RISK[dimensions[i]][1] for i in order if scores[i] < 0][:_MOST_NAMED]
    raises = f"What raises their risk above that of peers: {'; '.join(raised)}."
    keeps = f"What lowers it: {'; '.join(kept)}."
    return " ".join(
        [
            raises if raised else "Nothing raises their risk above that of peers.",
            keeps if kept else "Nothing lowers it below that of peers.",
        ]
    )


def _name(centre: Floats, dimensions: Sequence[str], most: int) -> str:
    order = np.argsort(-centre, kind="stable")
    least = _STANDS_OUT if most == _WORDS else _SAYS_SOMETHING
    chosen = [i for i in order if centre[i] >= least][:most]
    chosen = chosen or [i for i in order[:1] if centre[i] >= _SAYS_SOMETHING]
    return f"Risk from {_listed(WORDS[dimensions[i]].danger for i in chosen)}" if chosen else _MIXED


def _little(centre: Floats, dimensions: Sequence[str]) -> str:
    """ ", little from visits and progress": the two dimensions that lower the risk most."""
    lowering = (i for i in np.argsort(centre, kind="stable") if centre[i] <= -_SAYS_SOMETHING)
    kept = [WORDS[dimensions[i]].use for i in lowering if dimensions[i] not in _NEVER_LITTLE][:_WORDS]
    return f", little from {_listed(kept)}" if kept else ""


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
