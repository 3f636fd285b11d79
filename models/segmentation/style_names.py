"""Names of styles, from the dimensions in which their users differ from other users.

Promise: a name describes the risk: what endangers the users, and what is "in their favour".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Floats


@dataclass(frozen=True, slots=True)
class Words:
    """The words for a dimension: `who` is in danger by it, `also` for a second one, and "`favours` in their favour"."""

    who: str
    also: str
    favours: str


WORDS: Mapping[str, Words] = {
    "rhythm": Words("Rare visitors", "who come seldom", "rhythm"),
    "intensity": Words("Light users", "who do little", "activity"),
    "progress": Words("Stuck users", "who are stuck", "progress"),
    "social": Words("Users on their own", "on their own", "contacts"),
    "spending": Words("Small spenders", "who pay little", "spending"),
    "breadth": Words("Users of few things", "who use few things", "range of use"),
    "satisfaction": Words("Users with trouble", "with trouble", "little trouble"),
    "context": Words("Users with circumstances against them", "with circumstances against them", "circumstances"),
}  # fmt: skip
"""What is in somebody's favour is named as a subject, not as a deed: of users who came once, the rhythm may be."""
RISK: Mapping[str, tuple[str, str]] = {
    "rhythm": ("coming seldom or irregularly", "the rhythm of their visits"),
    "intensity": ("doing little", "how much they do"),
    "progress": ("making no progress", "their progress"),
    "social": ("few contacts with others", "their contacts with others"),
    "spending": ("paying little, or less than before", "what they pay"),
    "breadth": ("using few things", "the range of what they use"),
    "satisfaction": ("trouble and discontent", "little or no trouble"),
    "context": ("circumstances such as channel, country, season or prices", "favourable circumstances"),
}
"""By dimension: the words if it raises the risk more than among peers, and the words if less."""
IN_FAVOUR = " in their favour"
MOST_LEFT = ", but most have left"
"""The end of a name that says what is in the favour of users who left all the same."""
_STANDS_OUT, _SAYS_SOMETHING = 0.5, 0.25  # standard deviations
_WORDS, _MOST_WORDS, _MOST_NAMED = 2, 4, 3


def style_names(centres: Floats, dimensions: Sequence[str]) -> list[str]:
    """A unique name for each of `centres` (styles, dimensions): "Stuck users, rhythm in their favour", "Average users".

    `centres`: standardised contributions of their users, above 0 where a dimension raises the risk more than usual.
    The two dimensions farthest from 0 name a style. If two styles would share a name, more dimensions are used, and
    then a number.
    """
    names = [_name(centre, dimensions, _WORDS) for centre in centres]
    for words in range(_WORDS + 1, _MOST_WORDS + 1):
        names = [
            _name(centre, dimensions, words) if names.count(name) > 1 else name
            for name, centre in zip(names, centres, strict=True)
        ]
    return unlike(names)


def unlike(names: Sequence[str]) -> list[str]:
    """`names` made unique by a number: "Stuck users", "Stuck users (2)"."""
    distinct: list[str] = []
    for name in names:
        unique, number = name, 1
        while unique in distinct:
            number += 1
            unique = f"{name} ({number})"
        distinct.append(unique)
    return distinct


def style_says(scores: Floats, dimensions: Sequence[str]) -> str:
    """What raises the risk of users whose mean standardised contributions are `scores`, and what lowers it.

    >>> style_says(np.array([-0.6, 0.1]), ("rhythm", "social"))
    'Nothing raises their risk above that of peers. What lowers it: the rhythm of their visits.'
    """
    order = [i for i in np.argsort(-np.abs(scores), kind="stable") if abs(scores[i]) >= _SAYS_SOMETHING]
    raised = [RISK[dimensions[i]][0] for i in order if scores[i] > 0][:_MOST_NAMED]
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
    order = np.argsort(-np.abs(centre), kind="stable")
    least = _STANDS_OUT if most == _WORDS else _SAYS_SOMETHING
    chosen = [i for i in order if abs(centre[i]) >= least][:most]
    chosen = chosen or [i for i in order[:1] if abs(centre[i]) >= _SAYS_SOMETHING]
    lost = [WORDS[dimensions[i]] for i in chosen if centre[i] > 0]
    kept = [WORDS[dimensions[i]].favours for i in chosen if centre[i] < 0]
    if not chosen:
        return "Average users"
    who = " ".join([lost[0].who, " and ".join(one.also for one in lost[1:])]).strip() if lost else "Users"
    return f"{who}{',' if lost else ' with'} {' and '.join(kept)}{IN_FAVOUR}" if kept else who
