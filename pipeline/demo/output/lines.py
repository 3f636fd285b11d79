"""What users did on a day, as lines of a log: who, when, what, and the details of that kind."""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import AnyArray, Floats, Ints, Smalls, joined, taken
from pipeline.demo.behaviour import money, support
from pipeline.demo.behaviour.days import Evening, Setting
from pipeline.demo.draws import Draws
from pipeline.demo.output.sessions import Sessions
from pipeline.demo.world import friends
from pipeline.demo.world.countries import currency_numbers
from pipeline.demo.world.kinds import AT, KINDS, PROGRESS, SOCIAL
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World

_DESK_HOURS = (8, 18)
_OF_A_KIND = 1_000_000
"""More than the lines of one kind that a user has on a day."""


@dataclass(frozen=True, slots=True)
class Lines:
    """One entry per line in each field; -1 (amount: NaN) where the kind has no such detail."""

    user: Smalls
    day: Smalls
    second: Smalls
    kind: Smalls
    session: Ints
    amount: Floats
    level: Smalls
    score: Smalls
    counterpart: Smalls


def log_lines(
    draws: Draws,
    evening: Evening,
    people: Population,
    world: World,
    at: Setting,
    sessions: Sessions,
    first_session: int,
) -> Lines:
    """The lines of `evening` by time; sessions are numbered from `first_session` on.

    `world.last_purchase` becomes the amount paid, which a refund gives back.
    """
    row, kind, rank = _cells(evening.deeds.counts)
    user, number = evening.who[row], kind * _OF_A_KIND + rank
    session = _session_of(draws, user, kind, rank, evening.deeds.sessions[row])
    session_index = sessions.first[row] + session
    start, end = sessions.start[session_index], sessions.end[session_index]
    second = start + np.floor(draws.uniform("second", user, number) * (end - start + 1)).astype(np.int64)
    second = np.where(kind == AT["login"], start, np.where(kind == AT["level_up"], end, second))
    progress = np.isin(kind, [AT[name] for name in PROGRESS])
    level = evening.deeds.level[row] + (kind == AT["level_up"])
    lines = Lines(
        user=user.astype(np.int32),
        day=np.full(row.size, evening.day, dtype=np.int32),
        second=second.astype(np.int32),
        kind=kind.astype(np.int32),
        session=first_session + session_index,
        amount=_amounts(draws, evening, people, world, at, row, kind, rank),
        level=np.where(progress, level, -1).astype(np.int32),
        score=np.where(kind == AT["nps_answer"], evening.deeds.score[row], -1).astype(np.int32),
        counterpart=_counterparts(draws, evening, world, row, kind, rank).astype(np.int32),
    )
    whole = joined(lines, _desk(draws, world, evening.day))
    return taken(whole, np.argsort(whole.second, kind="stable"))


def _cells(counts: Ints) -> tuple[Ints, Ints, Ints]:
    """Row, kind and rank within its cell of each line that `counts` (rows, kinds) asks for."""
    flat = counts.ravel()
    cell = np.repeat(np.arange(flat.size), flat)
    rank = np.arange(cell.size) - np.repeat(np.cumsum(flat) - flat, flat)
    return cell // len(KINDS), cell % len(KINDS), rank


def _session_of(draws: Draws, user: Ints, kind: Ints, rank: Ints, sessions: Ints) -> Ints:
    """In which of the user's sessions a line falls: each has one login, a new level ends the last."""
    anywhere = np.floor(draws.uniform("session", user, kind * _OF_A_KIND + rank) * sessions).astype(np.int64)
    return np.where(kind == AT["login"], rank, np.where(kind == AT["level_up"], sessions - 1, anywhere))


def _amounts(
    draws: Draws,
    evening: Evening,
    people: Population,
    world: World,
    at: Setting,
    row: Ints,
    kind: Ints,
    rank: Ints,
) -> Floats:
    amount = np.full(row.size, np.nan)
    country = people.country[evening.who]
    price, currency = at.price(evening.day, country), currency_numbers()[country]

    refund = np.flatnonzero(kind == AT["refund"])
    amount[refund] = -world.last_purchase[evening.who[row[refund]]]
    world.last_purchase[evening.who[row[refund]]] = 0.0

    paid = np.flatnonzero(kind == AT["subscription_paid"])
    amount[paid] = money.in_coins(money.SUBSCRIPTION_EUR * price[row[paid]], currency[row[paid]])

    bought = np.flatnonzero(kind == AT["purchase"])
    buyer = row[bought]
    user = evening.who[buyer]
    purse = people.purse[user] - 1.2 * evening.now.shock[buyer]
    amount[bought] = money.purchase_amounts(draws, user, rank[bought], purse, price[buyer], currency[buyer])
    world.last_purchase[user] = amount[bought]
    return amount


def _counterparts(draws: Draws, evening: Evening, world: World, row: Ints, kind: Ints, rank: Ints) -> Ints:
    """The counterpart of each line: a friend who has not left, or the friend just made."""
    counterpart = np.full(row.size, -1, dtype=np.int64)
    friend, now = world.friend[evening.who], evening.now
    talk = np.flatnonzero(np.isin(kind, [AT[name] for name in SOCIAL]))
    luck = draws.uniform("counterpart", evening.who[row[talk]], kind[talk] * _OF_A_KIND + rank[talk])
    number = np.floor(luck * now.here.sum(axis=1)[row[talk]])
    counterpart[talk] = friends.nth(friend, now.here, row[talk], number)
    added = np.flatnonzero(kind == AT["friend_added"])
    counterpart[added] = friends.nth(friend, now.met, row[added], rank[added])
    return counterpart


def _desk(draws: Draws, world: World, day: int) -> Lines:
    """The tickets that staff answers on `day`: without a session, and whether the user logs in or not."""
    user = support.answered_on(world, day)
    second = draws.integers("answer second", user, _DESK_HOURS[0] * 3600, _DESK_HOURS[1] * 3600)
    nothing: AnyArray = np.full(user.size, -1, dtype=np.int32)
    return Lines(
        user=user.astype(np.int32),
        day=np.full(user.size, day, dtype=np.int32),
        second=second.astype(np.int32),
        kind=np.full(user.size, AT["ticket_answered"], dtype=np.int32),
        session=nothing.astype(np.int64),
        amount=np.full(user.size, np.nan),
        level=nothing,
        score=nothing,
        counterpart=nothing,
    )
