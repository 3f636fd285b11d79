"""Tickets and their answers: an open ticket makes its user angry, and the anger fades slowly.

The desk answers the next day at the earliest; one ticket in three is answered late or never.
A user has one open ticket at most.
"""

import numpy as np

from pipeline.demo.arrays import NEVER, Floats, Ints
from pipeline.demo.draws import Draws
from pipeline.demo.world.state import World

PATIENCE_DAYS = 3
"""Days within which an answer comes before any anger."""
_GOOD, _LATE = 0.62, 0.2
_FADING_DAYS = 12.0
_GIVEN_UP_DAYS = 30
"""Days after which a user forgets a ticket that is never answered."""


def simmer(world: World, who: Ints, day: int, away: Floats) -> Floats:
    """The anger of `who` at today's login, 0..1, after `away` days."""
    asked, answered = world.ticket_day[who], world.answer_day[who]
    waited = np.minimum(day, answered) - asked
    waiting = (asked != NEVER) & (waited > PATIENCE_DAYS) & (waited < _GIVEN_UP_DAYS)
    still = waiting & (answered >= day)
    anger = np.where(still, 1.0, world.anger[who] * np.exp(-away / _FADING_DAYS))
    late = waiting & ~still
    anger = np.where(late, np.maximum(anger, np.exp(np.minimum(answered - day, 0) / _FADING_DAYS)), anger)
    world.anger[who] = anger
    closed = (asked != NEVER) & ((answered < day) | (waited >= _GIVEN_UP_DAYS))
    world.ticket_day[who[closed]] = NEVER
    world.answer_day[who[closed]] = NEVER
    return anger


def ask(draws: Draws, world: World, who: Ints, day: int, need: Floats) -> Ints:
    """1 for each of `who` that opens a ticket today (chance `need`), and when it will be answered."""
    opened = (world.ticket_day[who] == NEVER) & (draws.uniform("ask", who) < need)
    asking = who[opened]
    luck = draws.uniform("desk", asking)
    soon = draws.integers("soon", asking, 1, PATIENCE_DAYS)
    late = draws.integers("late", asking, PATIENCE_DAYS + 2, 15)
    wait = np.where(luck < _GOOD, soon, np.where(luck < _GOOD + _LATE, late, NEVER))
    world.ticket_day[asking] = day
    world.answer_day[asking] = np.minimum(day + wait, NEVER)
    return np.asarray(opened, dtype=np.int64)


def answered_on(world: World, day: int) -> Ints:
    """The users whose ticket is answered on `day`, whether they still play or not."""
    answered: Ints = np.flatnonzero(world.answer_day == day)
    return answered
