"""Play styles: groups of users who use the product for the same things, whatever their risk.

Promise: a user's play style depends on the user's own shares and on the centres, and on nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score

from models.arrays import Flags, Floats
from models.segmentation.style_matching import NO_MATCH, matched
from models.segmentation.styles import NamedStyles, Styles, fit_styles

LEAST_USES = 3
"""With fewer groups or kinds there is little to tell users apart by."""
LEAST_EVENTS = 10
"""A user with fewer has shares that are mostly chance."""
_USERS_OF_A_STYLE = 50
"""On average, at least: smaller styles would differ by chance and share a name."""


@dataclass(frozen=True, slots=True)
class PlayStyles:
    """The play styles in use; `agreement`: the adjusted Rand index of the former styles with a fresh fit.

    `kept`: the former styles stay in use. `agreement` is None without former styles of the same uses.
    """

    styles: Styles
    kept: bool
    agreement: float | None


def enough(counts: Floats) -> Flags:
    """(users,) whether the user has enough events for a play style. `counts`: (users, uses)."""
    return np.asarray(counts.sum(axis=1) >= LEAST_EVENTS)


def shares_of(counts: Floats) -> Floats:
    """(users, uses) each user's share of each use; `counts` (users, uses) of events. Without events all are 0."""
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def root_shares_of(counts: Floats) -> Floats:
    """(users, uses) the square roots of `shares_of`: their Euclidean distance is Hellinger's.

    The sampling noise of a root of a share hardly depends on the share, so that k-means weighs all uses alike.
    """
    return np.sqrt(shares_of(counts))


def play_styles(
    shapes: Floats,
    uses: Sequence[str],
    former: NamedStyles | None,
    *,
    least: int,
    most: int,
    bootstrap: int,
    seed: int,
    least_stability: float,
) -> PlayStyles:
    """The styles of `shapes`, the `root_shares_of` users with enough events.

    The `former` styles stay as long as a fresh k-means with as many styles finds the same ones: with an adjusted Rand
    index of at least `least_stability`. So a user changes style only by what the user does. Otherwise new styles are
    fitted, as `fit_styles` does, with 50 users of a style on average at least; if `least` is more, there is one style.
    """
    agreement = None
    count = 0 if former is None else len(former.styles.centres)
    if (
        former is not None and former.styles.dimensions == tuple(uses) and count > 1
    ):  # one: there were few users
        fresh = fit_styles(shapes, uses, least=count, most=count, bootstrap=1, seed=seed)
        agreement = float(adjusted_rand_score(former.styles.of(shapes), fresh.of(shapes)))
        if agreement >= least_stability:
            return PlayStyles(former.styles, kept=True, agreement=agreement)
    most = min(most, len(shapes) // _USERS_OF_A_STYLE)
    styles = fit_styles(
        shapes, uses, least=least, most=most, bootstrap=bootstrap, seed=seed, least_stability=least_stability
    )
    return PlayStyles(styles, kept=False, agreement=agreement)


def names_since(
    styles: Styles, former: NamedStyles | None, shapes: Floats, most_apart: float
) -> list[str | None]:
    """For each style the name of the former style that it matches; None for a new one.

    Two styles match when their centres are at most `most_apart` standard deviations of `shapes` from each other.
    """
    if former is None or former.styles.dimensions != styles.dimensions:
        return [None] * len(styles.centres)
    spread = float(np.sqrt(shapes.var(axis=0).mean())) if len(shapes) else 0.0
    match = matched(styles.centres, former.styles.centres, most_apart * spread)
    return [None if i == NO_MATCH else former.names[i] for i in match]
