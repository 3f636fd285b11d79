"""Why a row's risk is high: the dimensions that raise it most, each represented by its strongest feature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Floats, Ints

NO_REASON = -1

# The constants that decide which dimensions are reasons, and in which order.
#
# constant        unit                     effect                                     source
# _SCALING        power of a spread        weights are divided by spread ** _SCALING  three logs with planted causes
# _LEAST_SPREAD   of the row's largest     a smaller spread is raised to this         near 0, noise would come first
# _LEAST_SHARE    of the heaviest weight   a lighter dimension comes after the rest   chosen by hand
# _LEAST_RISE     of the largest rise      a dimension that adds less is no reason    chosen by hand
_SCALING = 0.75
_LEAST_SPREAD = 0.05
_LEAST_SHARE = 0.2
_LEAST_RISE = 0.05


@dataclass(frozen=True, slots=True)
class Raised:
    """The raised risk of some rows, (rows, dimensions) each, in log-odds.

    `weight`: the sum of positive contributions, each times the factor of its feature; `plain`: the sum without
    factors; `speaker`: the position of the feature of largest weight among those that may speak. Where there is none,
    it is NO_REASON, and both sums are 0.
    """

    dimensions: tuple[str, ...]
    weight: Floats
    plain: Floats
    speaker: Ints

    def of_rows(self, rows: slice) -> "Raised":
        """The same for some of the rows."""
        return Raised(self.dimensions, self.weight[rows], self.plain[rows], self.speaker[rows])


def together(parts: Sequence[Raised]) -> Raised:
    """The rows of all parts, in order."""
    return Raised(
        parts[0].dimensions,
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.plain for part in parts]),
        np.concatenate([part.speaker for part in parts]),
    )


def raised(
    contributions: Floats,
    features: Sequence[str],
    dimension_of: Mapping[str, str],
    factors: Floats | None = None,
    may_speak: NDArray[np.bool_] | None = None,
) -> Raised:
    """The raised risk by dimension, from `contributions` (rows, features; log-odds, exact TreeSHAP values).

    Features of one dimension have one cause, so they are summed. Negative contributions are left out: a good sign
    in one feature does not undo a bad one in another. `factors`: (rows, features) or (features,); None: 1 each.
    `may_speak`: (rows, features) which features may stand for their dimension; None: all.
    """
    dimensions = tuple(sorted({dimension_of[name] for name in features}))
    raising = np.clip(contributions, 0.0, None)
    counted = raising if factors is None else raising * factors
    members = [[i for i, name in enumerate(features) if dimension_of[name] == d] for d in dimensions]
    weight = np.column_stack([counted[:, m].sum(axis=1) for m in members])
    plain = np.column_stack([raising[:, m].sum(axis=1) for m in members])
    spoken = counted if may_speak is None else counted * may_speak
    speaker = np.column_stack([np.asarray(m)[spoken[:, m].argmax(axis=1)] for m in members])
    has_speaker = np.column_stack([(spoken[:, m] > 0).any(axis=1) for m in members])
    return Raised(
        dimensions,
        weight * has_speaker,
        plain * has_speaker,
        np.where(has_speaker, speaker, NO_REASON).astype(np.int64),
    )


def ranked(
    risk: Raised,
    most: int = 3,
    *,
    spread: Floats | None = None,
    symptoms: Mapping[str, float] | None = None,
) -> Ints:
    """For each row the positions of its `most` heaviest dimensions, the worst first; NO_REASON where none is left.

    `symptoms`: a factor for the weights of a dimension. `spread`: (rows, dimensions), the standard deviation of
    `weight` among a row's peers. Weights are divided by spread ** 0.75; power 0.5 is Pareto scaling (van den Berg et
    al. 2006). With power 0 the dimension of largest variance always comes first, with power 1 noise does. Of 0.25,
    0.5, 0.75 and 1, power 0.75 named the planted cause most often in three logs. The table above explains the other
    constants.
    """
    is_reason = risk.plain >= _LEAST_RISE * risk.plain.max(axis=1, keepdims=True, initial=0.0)
    weight = risk.weight * is_reason * np.array([(symptoms or {}).get(d, 1.0) for d in risk.dimensions])
    if spread is None:
        scale = np.ones_like(weight)
    else:
        least = _LEAST_SPREAD * spread.max(axis=1, keepdims=True, initial=0.0)
        scale = np.where(least > 0, np.maximum(spread, least), 1.0) ** _SCALING
    light = weight < _LEAST_SHARE * weight.max(axis=1, keepdims=True, initial=0.0)
    order = np.lexsort((-weight / scale, light), axis=1)[:, :most]
    chosen = np.where(np.take_along_axis(weight, order, axis=1) > 0, order, NO_REASON)
    missing = most - chosen.shape[1]
    return np.pad(chosen, ((0, 0), (0, max(missing, 0))), constant_values=NO_REASON).astype(np.int64)
