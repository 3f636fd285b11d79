"""How the log begins: with users who signed up before it, and with those who will sign up during it.

The game opens BURN_IN_DAYS before the log. From then on the same number of users signs up each week.
Promise: the number of active users stays about the same from the log's first day to its last.
"""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.demo.arrays import Ints, joined, taken
from pipeline.demo.behaviour.days import Setting, live
from pipeline.demo.draws import Stream
from pipeline.demo.world import friends, population
from pipeline.demo.world import state as world
from pipeline.demo.world.clock import BURN_IN_DAYS
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World

SURVIVORS = 45.0
"""Users still active when the log begins, in daily sign-ups (measured)."""

SIGNUP_WEEKDAYS = (0.9, 0.9, 0.95, 0.95, 1.05, 1.15, 1.1)


@dataclass(frozen=True, slots=True)
class Beginning:
    """All users of the log on the day before its first day."""

    people: Population
    world: World


def begin(rng: np.random.Generator, users: int, at: Setting) -> Beginning:
    """Exactly `users` users: those active when the log begins, then those who sign up during it, by day."""
    days = at.clock.days
    sign_ups = round(users / (days + SURVIVORS) * BURN_IN_DAYS)
    older = _active(rng, max(sign_ups, 1), users, at)
    new = population.draw(rng, _signup_days(rng, users - older.people.signup_day.size, 0, days, at))
    people = joined(older.people, new)
    state = joined(older.world, world.fresh(rng, new))
    friends.match(rng, state.friend, people.signup_day, people.sociable)
    return Beginning(people, state)


def _active(rng: np.random.Generator, sign_ups: int, most: int, at: Setting) -> Beginning:
    """Those of `sign_ups` users since the game opened who are active on day 0, at most `most`."""
    people = population.draw(rng, _signup_days(rng, sign_ups, -BURN_IN_DAYS, 0, at))
    state = world.fresh(rng, people)
    friends.match(rng, state.friend, people.signup_day, people.sociable)
    for day in range(-BURN_IN_DAYS, 0):
        live(Stream(rng), people, state, at, day)
    kept = np.flatnonzero(~state.left)[-most:]
    friend, known, lost = friends.keep(state.friend, state.known, kept)
    return Beginning(taken(people, kept), replace(taken(state, kept), friend=friend, known=known, lost=lost))


def _signup_days(rng: np.random.Generator, users: int, first: int, until: int, at: Setting) -> Ints:
    weight = np.array([SIGNUP_WEEKDAYS[at.clock.weekday_of(day)] for day in range(first, until)])
    return np.sort(rng.choice(np.arange(first, until), users, p=weight / weight.sum()))
