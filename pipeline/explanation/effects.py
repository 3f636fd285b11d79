"""The effects of an action on the features of a user."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Effect:
    """What happens to one feature when an action is taken; one of the classes below."""

    __slots__ = ()

    def __call__(self, current: Floats, now: Floats, target: Floats) -> Floats:
        """(rows,) the values of a feature after the action. `current`: (rows,) its values before.

        `now` and `target`: (rows,) the values of the action's own feature before and after. NaN: missing.
        """
        match self:
            case Becomes(value):
                after = np.full_like(current, value)
            case Follows():
                after = target
            case GrowsAlong(factor):
                after = current + factor * (target - now)
            case GrowsOnce(days, amount):
                after = current + amount * (target < days)
            case AtMost(value):
                after = np.fmin(current, value)
            case NoWorseThanTarget(better):
                after = np.fmax(current, target) if better > 0 else np.fmin(current, target)
            case WorkedOut(value, column):
                frame = pl.DataFrame({column: target})
                after = frame.select(value.cast(pl.Float64)).to_series().to_numpy()
            case _:
                raise TypeError(f"{type(self).__name__} is no effect")
        return after


@dataclass(frozen=True, slots=True)
class Becomes(Effect):
    """The feature becomes `value`; NaN: missing."""

    value: float


@dataclass(frozen=True, slots=True)
class Follows(Effect):
    """The feature becomes the target: it has the same meaning as the action's own feature."""


@dataclass(frozen=True, slots=True)
class GrowsAlong(Effect):
    """The feature grows by `factor` for each unit that the action adds."""

    factor: float


@dataclass(frozen=True, slots=True)
class GrowsOnce(Effect):
    """The feature grows by `amount` if its window of `days` holds the action. The target counts days back."""

    days: float
    amount: float


@dataclass(frozen=True, slots=True)
class AtMost(Effect):
    """The feature becomes `value` at most, and `value` where it was missing."""

    value: float


@dataclass(frozen=True, slots=True)
class NoWorseThanTarget(Effect):
    """The feature becomes as good as the target at least; `better`: 1 where more is better, -1 where less is."""

    better: int


@dataclass(frozen=True, slots=True, eq=False)
class WorkedOut(Effect):
    """The feature is worked out anew: `value` is its expression over `column`, which becomes the target."""

    value: pl.Expr
    column: str
