"""The state of the game at the end of its log, as frames and plain values, and back.

Promise: what is read back is equal to the bit, so a life can go on from it.
"""

from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import polars as pl

from pipeline.demo.arrays import Arrays
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World

_Whole = TypeVar("_Whole", World, Population)


@dataclass(frozen=True, slots=True)
class EndState:
    """All users, their state after the last day of a log of `days` days, and what the next day goes on with.

    `events`, `sessions`: how many of them are numbered. `generator`: the state of the stream of random numbers.
    """

    people: Population
    world: World
    days: int
    events: int
    sessions: int
    generator: dict[str, Any]


def as_frame(whole: Arrays) -> pl.DataFrame:
    """A column for each field, and a row for each user; a field with several values for each user is an array."""
    return pl.DataFrame({field.name: _column(getattr(whole, field.name)) for field in fields(whole)})


def _column(values: np.ndarray[Any, Any]) -> pl.Series:
    if values.ndim == 1:
        return pl.Series(values)
    return pl.Series(values.ravel()).reshape(values.shape)


def from_frame(kind: type[_Whole], frame: pl.DataFrame) -> _Whole:
    """What `as_frame` was given, with arrays that can be changed."""
    return kind(**{field.name: np.array(frame[field.name].to_numpy()) for field in fields(kind)})


def generator_of(state: EndState) -> np.random.Generator:
    """The stream of random numbers, where the log has left it."""
    rng = np.random.default_rng()
    rng.bit_generator.state = state.generator
    return rng
