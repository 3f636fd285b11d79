"""The plans of users over time, for the game's table of users. Nothing is drawn at random."""

from dataclasses import dataclass, field

import numpy as np

from pipeline.demo.arrays import NEVER, Flags, Ints, Smalls, joined
from pipeline.demo.behaviour.days import Evening
from pipeline.demo.output.sessions import Sessions
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World

PLANS = ("free", "subscription")


@dataclass(frozen=True, slots=True)
class Terms:
    """Users with the plan (position in PLANS) that holds from `day`, `second` on."""

    user: Ints
    day: Smalls
    second: Smalls
    plan: Smalls


@dataclass(slots=True)
class Book:
    """The changes of plan since the log's first day. `subscribed`: who has a subscription now."""

    first: Flags
    subscribed: Flags
    changes: list[Terms] = field(default_factory=list)

    def note(self, evening: Evening, played: Sessions, world: World) -> None:
        """Note changes of plan: they happen when the day's first session begins."""
        now = world.renews_on[evening.who] != NEVER
        rows = np.flatnonzero(now != self.subscribed[evening.who])
        user = evening.who[rows]
        self.subscribed[user] = now[rows]
        # A sign-up comes before: a minute, or at midnight itself.
        second = np.maximum(played.start[played.first[rows]], 1).astype(np.int32)
        day = np.full(user.size, evening.day, dtype=np.int32)
        self.changes.append(Terms(user, day, second, now[rows].astype(np.int32)))

    def terms(self, people: Population, signup_second: Smalls) -> Terms:
        """All terms by user and time: the first ones hold from the sign-up on."""
        user = np.arange(self.first.size)
        begin = Terms(user, people.signup_day, signup_second, self.first.astype(np.int32))
        every = joined(begin, *self.changes)
        order = np.lexsort((every.second, every.day, every.user))
        return Terms(every.user[order], every.day[order], every.second[order], every.plan[order])


def opened(world: World) -> Book:
    """The book at the beginning of the log: earlier subscriptions count from the sign-up on."""
    subscribed = world.renews_on != NEVER
    return Book(subscribed.copy(), subscribed.copy())
