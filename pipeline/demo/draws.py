"""Where chance comes from: one stream for the log, or draws that depend on the user, the day and the purpose only.

The log is drawn from one stream, in the order of the calls. A campaign compares two worlds that differ in a few users,
so each draw has a key: what one user does never shifts the draws of another (common random numbers).
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import ndtri

from pipeline.demo.arrays import AnyArray, Floats, Ints

_Words = npt.NDArray[np.uint64]


class Draws(Protocol):
    """Draws for the rows of `user` (number of the user in each row), one for each row.

    `purpose` names the decision. `rank` tells apart the rows of one user, where a user has several.
    """

    def uniform(self, purpose: str, user: AnyArray, rank: AnyArray | None = None) -> Floats:
        """From 0 to 1, exclusive."""

    def normal(self, purpose: str, user: AnyArray, rank: AnyArray | None = None) -> Floats:
        """Standard normal."""

    def exponential(self, purpose: str, user: AnyArray) -> Floats:
        """Exponential with mean 1."""

    def lognormal(self, purpose: str, user: AnyArray, mean: float, spread: float) -> Floats:
        """The exponential of a normal value with this mean and standard deviation."""

    def poisson(self, purpose: str, user: AnyArray, mean: Floats) -> Ints:
        """Poisson with the `mean` of each row."""

    def binomial(self, purpose: str, user: AnyArray, tries: Ints, chance: Floats) -> Ints:
        """Successes among the `tries` of each row."""

    def geometric(self, purpose: str, user: AnyArray, chance: float) -> Ints:
        """Tries up to the first success, 1 or more."""

    def integers(self, purpose: str, user: AnyArray, low: int, high: int) -> Ints:
        """From `low` to `high`, exclusive."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One after the other from a generator, whatever the user and the purpose."""

    rng: np.random.Generator

    def uniform(self, purpose: str, user: AnyArray, rank: AnyArray | None = None) -> Floats:  # noqa: ARG002
        """As in Draws."""
        return self.rng.random(user.size)

    def normal(self, purpose: str, user: AnyArray, rank: AnyArray | None = None) -> Floats:  # noqa: ARG002
        """As in Draws."""
        return self.rng.normal(size=user.size)

    def exponential(self, purpose: str, user: AnyArray) -> Floats:  # noqa: ARG002
        """As in Draws."""
        return self.rng.exponential(size=user.size)

    def lognormal(self, purpose: str, user: AnyArray, mean: float, spread: float) -> Floats:  # noqa: ARG002
        """As in Draws."""
        return self.rng.lognormal(mean, spread, user.size)

    def poisson(self, purpose: str, user: AnyArray, mean: Floats) -> Ints:  # noqa: ARG002
        """As in Draws."""
        return self.rng.poisson(mean)

    def binomial(self, purpose: str, user: AnyArray, tries: Ints, chance: Floats) -> Ints:  # noqa: ARG002
        """As in Draws."""
        return np.asarray(self.rng.binomial(tries, chance), dtype=np.int64)

    def geometric(self, purpose: str, user: AnyArray, chance: float) -> Ints:  # noqa: ARG002
        """As in Draws."""
        return self.rng.geometric(chance, user.size)

    def integers(self, purpose: str, user: AnyArray, low: int, high: int) -> Ints:  # noqa: ARG002
        """As in Draws."""
        return self.rng.integers(low, high, user.size)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A function of `seed`, `day`, purpose, user and rank. Each value is the quantile of a uniform draw.

    So a higher mean never gives a lower value for the same key, which keeps two worlds close together.
    """

    seed: int
    day: int

    def uniform(self, purpose: str, user: AnyArray, rank: AnyArray | None = None) -> Floats:
        """As in Draws."""
        key = _mixed(_words(self.seed), _words(self.day))
        key = _mixed(_mixed(key, _words(_number_of(purpose))), user.astype(np.uint64))
        if rank is not None:
            key = _mixed(key, rank.astype(np.uint64) + np.uint64(1))
        return np.asarray((key >> np.uint64(12)) * 2.0**-52 + 2.0**-53, dtype=np.float64)

    def normal(self, purpose: str, user: AnyArray, rank: AnyArray | None = None) -> Floats:
        """As in Draws."""
        return np.asarray(ndtri(self.uniform(purpose, user, rank)), dtype=np.float64)

    def exponential(self, purpose: str, user: AnyArray) -> Floats:
        """As in Draws."""
        return np.asarray(-np.log(self.uniform(purpose, user)), dtype=np.float64)

    def lognormal(self, purpose: str, user: AnyArray, mean: float, spread: float) -> Floats:
        """As in Draws."""
        return np.asarray(np.exp(mean + spread * self.normal(purpose, user)), dtype=np.float64)

    def poisson(self, purpose: str, user: AnyArray, mean: Floats) -> Ints:
        """As in Draws."""
        return np.asarray(stats.poisson.ppf(self.uniform(purpose, user), mean)).astype(np.int64)

    def binomial(self, purpose: str, user: AnyArray, tries: Ints, chance: Floats) -> Ints:
        """As in Draws."""
        return np.asarray(stats.binom.ppf(self.uniform(purpose, user), tries, chance)).astype(np.int64)

    def geometric(self, purpose: str, user: AnyArray, chance: float) -> Ints:
        """As in Draws."""
        return np.asarray(stats.geom.ppf(self.uniform(purpose, user), chance)).astype(np.int64)

    def integers(self, purpose: str, user: AnyArray, low: int, high: int) -> Ints:
        """As in Draws."""
        return low + np.floor(self.uniform(purpose, user) * (high - low)).astype(np.int64)


@cache
def _number_of(purpose: str) -> int:
    return int.from_bytes(sha256(purpose.encode()).digest()[:8])


def _words(number: int) -> _Words:
    return np.array([number % 2**64], dtype=np.uint64)


def _mixed(key: _Words, word: _Words) -> _Words:
    """A hash of both: a step of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom generators")."""
    mixed = (key ^ word) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
