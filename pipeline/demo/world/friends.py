"""The graph of friends: who knows whom, and which friends have left.

Friendship is mutual. The graph is a union of random matchings among users who signed up at about
the same time, so building it costs one sort per place.
"""

import numpy as np

from pipeline.demo.arrays import AnyArray, Flags, Floats, Ints, Smalls
from pipeline.demo.draws import Draws

FRIEND_PLACES = 7
_COHORT_DAYS = 12.0
_MEETING = 0.3
"""Chance per login day that a possible friend becomes one."""


def match(rng: np.random.Generator, friend: AnyArray, signup_day: AnyArray, sociable: AnyArray) -> None:
    """Fill free places (-1) of `friend`, (users, FRIEND_PLACES), with users who may become friends."""
    n = signup_day.size
    for slot in range(FRIEND_PLACES):
        order = np.argsort(signup_day + rng.normal(0.0, _COHORT_DAYS, n), kind="stable")
        one, other = order[0 : n - n % 2 : 2], order[1::2]
        free = (friend[one, slot] < 0) & (friend[other, slot] < 0)
        agreed = free & (rng.random(one.size) < np.sqrt(sociable[one] * sociable[other]))
        friend[one[agreed], slot] = other[agreed]
        friend[other[agreed], slot] = one[agreed]


def meet(draws: Draws, friend: AnyArray, known: Flags, active: Flags, who: Ints) -> Flags:
    """(who, FRIEND_PLACES): friends made today by `who`; `known` is changed on both sides.

    `active`: of every user, signed up and not left.
    """
    friends_of = friend[who]
    possible = (friends_of >= 0) & ~known[who] & active[friends_of]
    user, place = np.repeat(who, FRIEND_PLACES), np.tile(np.arange(FRIEND_PLACES), who.size)
    luck = draws.uniform("meet", user, place).reshape(friends_of.shape)
    made = possible & (luck < _MEETING)
    row, slot = np.nonzero(made)
    known[who[row], slot] = True
    known[friends_of[row, slot], slot] = True
    return made


def present(friend: AnyArray, known: Flags, left: Flags, who: Ints) -> Flags:
    """(who, FRIEND_PLACES): the friends who have not left."""
    return known[who] & ~left[friend[who]]


def share_gone(known: Flags, here: Flags, lost: AnyArray) -> Floats:
    """Share of each user's friends who have left, 0 for a user without friends.

    `here` is that of `present`, `lost` counts friends who left before the log began.
    """
    had = known.sum(axis=1) + lost
    return np.asarray((had - here.sum(axis=1)) / np.maximum(had, 1), dtype=np.float64)


def keep(friend: Smalls, known: Flags, kept: Ints) -> tuple[Smalls, Flags, Smalls]:
    """`friend` and `known` of the users `kept`, renumbered, and the number of friends that each lost."""
    number = np.full(friend.shape[0] + 1, -1, dtype=np.int32)
    number[kept] = np.arange(kept.size, dtype=np.int32)
    friends_of = number[friend[kept]]
    lost = (known[kept] & (friends_of < 0)).sum(axis=1)
    return friends_of, known[kept] & (friends_of >= 0), lost.astype(np.int32)


def nth(friend: AnyArray, marked: Flags, row: Ints, number: AnyArray) -> Ints:
    """For each line, the friend in the `number`-th marked place of its `row`, -1 where there is none.

    `friend` and `marked` are (rows, FRIEND_PLACES).
    """
    reached = np.cumsum(marked, axis=1)[row] > number[:, None]
    return np.where(reached.any(axis=1), friend[row, reached.argmax(axis=1)], -1).astype(np.int64)
