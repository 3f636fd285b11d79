"""What a style is called: in words, from the dimensions in which its users differ from the others."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WORDS: Mapping[str, tuple[str, str]] = {
    "rhythm": ("regular", "irregular"),
    "intensity": ("busy", "brief"),
    "progress": ("advancing", "stuck"),
    "social": ("social", "alone"),
    "spending": ("paying", "paying little"),
    "breadth": ("many-sided", "one-sided"),
    "satisfaction": ("content", "discontented"),
    "context": ("well placed", "ill placed"),
}
"""For each dimension the word where it keeps users (contributions below their peers') and where it loses them."""
_SAYS_SOMETHING = 0.25  # standard deviations
_WORDS = 2
_MOST_WORDS = 4


def style_names(centres: Floats, dimensions: Sequence[str]) -> list[str]:
    """A name for each of `centres` (styles, dimensions), no two alike: "regular, social", or "average".

    `centres`: standardised contributions, above 0 where a dimension raises the risk more than usual. The two
    dimensions farthest from 0 name a style; where two styles would share a name, further ones, and at last a number.
    """
    names = [_name(centre, dimensions, _WORDS) for centre in centres]
    for words in range(_WORDS + 1, _MOST_WORDS + 1):
        names = [
            _name(centre, dimensions, words) if names.count(name) > 1 else name
            for name, centre in zip(names, centres, strict=True)
        ]
    return unlike(names)


def unlike(names: Sequence[str]) -> list[str]:
    """`names`, those that came before with a number behind: "average", "average (2)"."""
    found: list[str] = []
    for name in names:
        told, number = name, 1
        while told in found:
            number += 1
            told = f"{name} ({number})"
        found.append(told)
    return found


def _name(centre: Floats, dimensions: Sequence[str], words: int) -> str:
    order = np.argsort(-np.abs(centre), kind="stable")[:words]
    told = [WORDS[dimensions[i]][int(centre[i] > 0)] for i in order if abs(centre[i]) >= _SAYS_SOMETHING]
    return ", ".join(told) or "average"
