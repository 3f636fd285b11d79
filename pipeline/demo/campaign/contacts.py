"""What a contact does to the rates of leaving, and for how long.

A play takes away a share of the rate that it is for, if that is the strongest of the user's rates. Every contact
annoys a little: it raises the settled rate, and more for users of low engagement whose subscription still runs, since
it reminds them of it (Ascarza, Iyengar & Schleicher 2016). All of it fades with the same half-life.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.demo.arrays import NEVER, Flags, Floats, Ints
from pipeline.demo.world.kinds import SOURCES
from pipeline.demo.world.state import World

PLAYS = {
    "answer_now": "bad_support",
    "way_past": "stuck",
    "new_company": "friends_gone",
    "one_new_thing": "boredom",
    "local_price": "price_shock",
    "first_success": "newcomer",
}
"""The plays with an effect, and the source (of SOURCES) whose rate each is for. Other plays only annoy."""


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of contacts. `shares`: of each of PLAYS the share of the rate taken away, 0..1.

    `settled_ratio`, `sleeping_ratio`: times the settled rate, of any user and of those whom a contact wakes: engagement
    below `low_engagement`, subscription running. `return_share`: of users who had left, those who come back.
    """

    shares: Mapping[str, float]
    half_life_days: float
    settled_ratio: float
    sleeping_ratio: float
    low_engagement: float
    return_share: float


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts on one `day`: the Answer of all users.

    `change`: (users, SOURCES), by which share of itself each rate changes on that day; 0 for users not contacted.
    """

    day: int
    change: Floats
    half_life_days: float

    def __call__(self, who: Ints, due: Ints, rates: Floats) -> Floats:
        """`rates`, (SOURCES, who), of leaving instead of being back on day `due`, never before the contact."""
        faded = 0.5 ** ((due - self.day) / self.half_life_days)
        return np.asarray(rates * (1 + self.change[who].T * faded), dtype=np.float64)


def contacts(world: World, day: int, play: pl.Series, effects: Effects) -> Contacts:
    """The contacts on `day`. `play`: of each user the code of the play, null for a user who is not contacted."""
    contacted = play.is_not_null().to_numpy()
    change = np.zeros(world.rates.shape)
    strongest = world.rates[:, :-1].argmax(axis=1)
    for code, source in PLAYS.items():
        number = SOURCES.index(source)
        fits = (play == code).fill_null(value=False).to_numpy() & (strongest == number)
        change[fits, number] = -effects.shares[code]
    ratio = np.where(_sleeping(world, day, effects), effects.sleeping_ratio, effects.settled_ratio)
    change[contacted, SOURCES.index("settled")] = (ratio - 1)[contacted]
    return Contacts(day, change, effects.half_life_days)


def _sleeping(world: World, day: int, effects: Effects) -> Flags:
    running = (world.renews_on != NEVER) & (world.renews_on >= day)
    return np.asarray(running & (world.engagement < effects.low_engagement), dtype=np.bool_)
