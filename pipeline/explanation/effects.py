"""What an action does to the features of a user, as values with names."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Effect:
    """What happens to one feature when an action is taken; one of the classes below."""

    __slots__ = ()

    def __call__(self, own: Floats, now: Floats, target: Floats) -> Floats:
        """(rows,) the new values of a feature whose values are `own`.

        `now` and `target`: (rows,) the values of the feature that the action is measured by, before and after. NaN:
        missing.
        """
        match self:
            case Becomes(value):
                after = np.full_like(own, value)
            case Follows():
                after = target
            case GrowsAlong(factor):
                after = own + factor * (target - now)
            case GrowsOnce(days, amount):
                after = own + amount * (target < days)
            case AtMost(value):
                after = np.fmin(own, value)
            case NoWorseThanTarget(better):
                after = np.fmax(own, target) if better > 0 else np.fmin(own, target)
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
    """The feature is the same thing by another name: it becomes the target."""


@dataclass(frozen=True, slots=True)
class GrowsAlong(Effect):
    """The feature grows by `factor` for each unit that the action adds."""

    factor: float


@dataclass(frozen=True, slots=True)
class GrowsOnce(Effect):
    """The feature grows by `amount` if the action lies within its window of `days`; the target is in days ago."""

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
