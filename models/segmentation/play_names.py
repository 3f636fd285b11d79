"""Names of play styles, from what their users do.

Promise: a name depends on the mean shares of the users of each style alone, and no two styles share a name.
"""

from collections.abc import Sequence

import numpy as np

from models.arrays import Floats
from models.segmentation.style_names import unlike

_MOSTLY, _MUCH = 0.5, 0.4
"""Shares from which a use names a style."""
_SOME = (0.2, 0.1, 0.05)
"""Shares from which a second use is named; a smaller one if two styles would share a name."""
_TOLD, _MOST_TOLD = 0.05, 4


def play_names(shares: Floats, everyone: Floats, words: Sequence[str]) -> list[str]:
    """A unique name for each of `shares` (styles, uses), the mean shares of users: "Mostly quests, some trade".

    `everyone`: (uses,) the mean shares of all users; `words`: (uses,) what each use is called. A style without a main
    use is named by the use that it has more of than they.
    """
    names = [_name(of_style, everyone, words, _SOME[0]) for of_style in shares]
    for least in _SOME[1:]:
        names = [
            _name(of_style, everyone, words, least) if names.count(name) > 1 else name
            for name, of_style in zip(names, shares, strict=True)
        ]
    return unlike(names)


def play_says(shares: Floats, words: Sequence[str]) -> str:
    """What users with these mean `shares` (uses,) do, the most frequent first.

    >>> play_says(np.array([0.25, 0.72, 0.03]), ("trade", "quests", "support"))
    'Their actions: 72% quests, 25% trade.'
    """
    first, *others = np.argsort(-shares, kind="stable")
    order = [first, *(i for i in others if shares[i] >= _TOLD)][:_MOST_TOLD]
    return f"Their actions: {', '.join(f'{100 * shares[i]:.0f}% {words[i]}' for i in order)}."


def _name(shares: Floats, everyone: Floats, words: Sequence[str], least: float) -> str:
    first, *others = np.argsort(-shares, kind="stable")
    if shares[first] >= _MUCH:
        main = f"{'Mostly' if shares[first] >= _MOSTLY else 'Much'} {words[first]}"
    else:
        ahead = int(np.argmax(shares - everyone))
        main = f"Mixed, with more {words[ahead]} than most"
        others = [i for i in (first, *others) if i != ahead] if least < _SOME[0] else []
    return f"{main}, some {words[others[0]]}" if others and shares[others[0]] >= least else main
