"""Names of styles, from the dimensions in which their users differ from other users.

Promise: a name describes the risk: what endangers the users, and where there is no warning sign. It never says that
they stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Floats


@dataclass(frozen=True, slots=True)
class Words:
    """The words for a dimension: `who` is in danger by it, `also` for a second one, and "`favours` fine"."""

    who: str
    also: str
    favours: str


WORDS: Mapping[str, Words] = {
    "rhythm": Words("Rare visitors", "who come seldom", "visits"),
    "intensity": Words("Light users", "who do little", "activity"),
    "progress": Words("Stuck users", "who are stuck", "progress"),
    "social": Words("Isolated users", "with few contacts", "contacts"),
    "spending": Words("Low spenders", "who pay little", "spending"),
    "breadth": Words("Users of few things", "who use few things", "variety"),
    "satisfaction": Words("Users with bad experiences", "with bad experiences", "experiences"),
    "context": Words("Users hit by outside factors", "hit by outside factors", "outside factors"),
}  # fmt: skip
"""What is fine is named as a subject, not as a deed: of users who came once, the visits may be."""
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
MOST_LEFT = ", but most have left"
"""The end of a name that sounds safe, of users most of whom have left all the same."""
_FINE, _NO_SIGN = " fine", "No warning sign in "
_STANDS_OUT, _SAYS_SOMETHING = 0.5, 0.25  # standard deviations
_WORDS, _MOST_WORDS, _MOST_NAMED = 2, 4, 3


def style_names(centres: Floats, dimensions: Sequence[str]) -> list[str]:
    """A unique name for each of `centres` (styles, dimensions): "Stuck users, visits fine", "Average users".

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


def sounds_safe(name: str) -> bool:
    """Whether a name made by `style_names` says where there is no warning sign."""
    return _FINE in name or name.startswith(_NO_SIGN)


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
    if not lost:
        return f"{_NO_SIGN}{' or '.join(kept)}"
    who = " ".join([lost[0].who, " and ".join(one.also for one in lost[1:])]).strip()
    return f"{who}, {' and '.join(kept)}{_FINE}" if kept else who
