"""What changes in a user's life: one entry per user in each field, changed in place day by day."""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import NEVER, AnyArray, Flags, Floats, Ints, Singles, Smalls, single
from pipeline.demo.draws import Draws, Stream
from pipeline.demo.world.friends import FRIEND_PLACES
from pipeline.demo.world.kinds import SOURCES
from pipeline.demo.world.population import Population

MEMORY = 0.94
"""Engagement keeps this share of its distance from home each day."""
DRIFT = 0.6
"""Standard deviation of engagement around home, in the long run."""
NO_WALL = 30_000


@dataclass(frozen=True, slots=True)
class World:
    """The state of all users."""

    engagement: Singles
    burden: Singles
    """By how much the planted causes lower the engagement to which the user tends."""
    seen_day: Smalls
    """Last login day."""
    logins: Smalls
    """Login days so far."""
    next_login: Smalls
    left: Flags
    level: Smalls
    quests_won: Smalls
    """Since the last level."""
    wall: Smalls
    """The level at which quests get too hard for this user."""
    setback: Singles
    """Login days of failure that weigh on the user."""
    fatigue: Singles
    """Share of the season's content that is used up."""
    anger: Singles
    """About support: 1 while a ticket waits, then fading."""
    ticket_day: Smalls
    answer_day: Smalls
    habit_price: Singles
    """What the user is used to pay for one euro's worth, in own currency."""
    renews_on: Smalls
    last_purchase: Floats
    """Amount of the last purchase not refunded, in own currency."""
    friend: Smalls
    """(users, FRIEND_PLACES): number of a friend or of a user to become one, else -1."""
    known: Flags
    """(users, FRIEND_PLACES): has become a friend."""
    lost: Smalls
    """Friends who left before the log began."""
    rates: Singles
    """(users, SOURCES): the rates of leaving after the last login."""
    gap_scale: Singles
    """The scale of the gap after the last login, in days."""


def fresh(rng: np.random.Generator, people: Population) -> World:
    """The state of `people` just before their first login, on their sign-up day."""
    n = people.signup_day.size
    no_friend = np.full((n, FRIEND_PLACES), -1, dtype=np.int32)
    return World(
        engagement=single(people.home + rng.normal(0.0, DRIFT, n)),
        burden=np.zeros(n, dtype=np.float32),
        seen_day=people.signup_day.copy(),
        logins=np.zeros(n, dtype=np.int32),
        next_login=people.signup_day.copy(),
        left=np.zeros(n, dtype=np.bool_),
        level=np.ones(n, dtype=np.int32),
        quests_won=np.zeros(n, dtype=np.int32),
        wall=next_wall(Stream(rng), np.arange(n), np.ones(n, dtype=np.int32)),
        setback=np.zeros(n, dtype=np.float32),
        fatigue=np.zeros(n, dtype=np.float32),
        anger=np.zeros(n, dtype=np.float32),
        ticket_day=np.full(n, NEVER, dtype=np.int32),
        answer_day=np.full(n, NEVER, dtype=np.int32),
        habit_price=np.zeros(n, dtype=np.float32),
        renews_on=np.full(n, NEVER, dtype=np.int32),
        last_purchase=np.zeros(n),
        friend=no_friend,
        known=np.zeros((n, FRIEND_PLACES), dtype=np.bool_),
        lost=np.zeros(n, dtype=np.int32),
        rates=np.zeros((n, len(SOURCES)), dtype=np.float32),
        gap_scale=np.ones(n, dtype=np.float32),
    )


def next_wall(draws: Draws, who: Ints, level: Smalls) -> Smalls:
    """The next level that is too hard for each of `who`; some users never meet one."""
    ahead = level + 2 + draws.geometric("wall", who, 0.12)
    return np.where(draws.uniform("has wall", who) < 0.6, ahead, NO_WALL).astype(np.int32)


def drifted(draws: Draws, who: Ints, engagement: AnyArray, home: AnyArray, days: Floats) -> Floats:
    """Engagement `days` later: an Ornstein-Uhlenbeck step, exact for any number of days."""
    kept = MEMORY**days
    moved = home + (engagement - home) * kept + DRIFT * np.sqrt(1 - kept**2) * draws.normal("engagement", who)
    return np.asarray(moved, dtype=np.float64)
