"""What users do on a login day: how often each kind of event happens, and what it changes.

Promise: each planted cause shows in what the user does before it drives the user away. Stuck users fail quests and
gain no level. Bored users play less and fewer kinds. Users whose friends have left write to fewer. Users whose prices
rose buy less. Users with unanswered tickets give low scores.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import AnyArray, Flags, Floats, Ints
from pipeline.demo.behaviour import support
from pipeline.demo.behaviour.money import Trade, trade
from pipeline.demo.draws import Draws
from pipeline.demo.world.kinds import AT, KINDS
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World, next_wall

_ASKED_NPS = 0.03
_FULL_SETBACK = 4.0
"""Login days of failure after which a user is as stuck as one gets used to."""
_AT_WALL = 0.06
"""Chance that a quest succeeds at the wall."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How `who` come to a login day: traits looked up, state brought up to date."""

    who: Ints
    day: int
    engagement: Floats
    style: Floats
    bored: Floats
    shock: Floats
    anger: Floats
    here: Flags
    """Friends who have not left, (who, places)."""
    met: Flags
    """Of these, made friends today."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """What each user did: `counts` is (who, KINDS), `minutes` the length of a session."""

    counts: Ints
    sessions: Ints
    minutes: Floats
    level: Ints
    score: Ints


def bored(fatigue: AnyArray) -> Floats:
    """Boredom 0..1: hardly any until most of the content is used up, then soon much."""
    return np.asarray(1.0 / (1.0 + np.exp(-(fatigue - 1.0) / 0.2)), dtype=np.float64)


def stuck(setback: AnyArray) -> Floats:
    """How stuck a user feels, 0..1.5."""
    return np.asarray(np.clip(setback / _FULL_SETBACK, 0.0, 1.5), dtype=np.float64)


def play(draws: Draws, people: Population, world: World, now: Condition) -> Deeds:
    """The login day of `now.who`; progress, tickets, subscriptions and fatigue in `world` move on."""
    who, style = now.who, now.style
    n = who.size
    lively = np.exp(0.4 * now.engagement) * (1 - 0.6 * now.bored)
    sessions = 1 + draws.poisson("sessions", who, np.minimum(0.45 * lively, 4.0))
    minutes = draws.lognormal("minutes", who, 2.6, 0.5) * lively
    effort = people.vigour[who] * np.minimum(minutes * sessions, 400.0) / 20.0
    narrow = 1 - 0.85 * now.bored
    company = now.here.sum(axis=1)

    counts = np.zeros((n, len(KINDS)), dtype=np.int64)
    counts[:, AT["login"]] = sessions
    level = world.level[who].astype(np.int64)
    _quest(draws, people, world, who, counts, effort * (0.7 + 4.0 * style[:, 0]))
    counts[:, AT["area_found"]] = draws.poisson(
        "area_found", who, effort * narrow * (0.3 + 3.0 * style[:, 1])
    )
    counts[:, AT["item_crafted"]] = draws.poisson(
        "item_crafted", who, effort * narrow * (0.4 + 1.5 * style[:, 1])
    )
    talk = effort * (0.08 + 0.3 * company) * (0.4 + 3.0 * style[:, 2])
    counts[:, AT["chat"]] = draws.poisson("chat", who, talk)
    counts[:, AT["gift_sent"]] = draws.poisson("gift_sent", who, 0.12 * talk * (company > 0))
    counts[:, AT["friend_added"]] = now.met.sum(axis=1)
    matches = draws.poisson("match_played", who, effort * (1 - 0.6 * now.bored) * (0.5 + 5.0 * style[:, 3]))
    counts[:, AT["match_played"]] = matches
    winning = 1 / (1 + np.exp(-0.5 * people.skill[who]))
    counts[:, AT["match_won"]] = draws.binomial("match_won", who, matches, winning)
    _spend(counts, _bought(draws, people, world, now))
    need = 0.012 + 0.03 * stuck(world.setback[who]) + 0.05 * (counts[:, AT["purchase"]] > 0)
    counts[:, AT["ticket_opened"]] = support.ask(draws, world, who, now.day, need)
    score = _answered(draws, world, now)
    counts[:, AT["nps_answer"]] = score >= 0
    world.fatigue[who] += people.pace[who] * np.minimum(effort, 6.0)
    return Deeds(counts, sessions, minutes, level, score)


def _quest(draws: Draws, people: Population, world: World, who: Ints, counts: Ints, tries: Floats) -> None:
    """Quests tried, won and failed, at most one new level a day, and what failing leaves behind."""
    level = world.level[who]
    walled = level >= world.wall[who]
    started = draws.poisson("quest_started", who, 0.6 * tries)
    chance = np.where(walled, _AT_WALL, 1 / (1 + np.exp(-1.2 - 0.5 * people.skill[who])))
    won = draws.binomial("quest_done", who, started, chance)
    failed = draws.binomial("quest_failed", who, started - won, np.full(who.size, 0.85))
    enough = world.quests_won[who] + won >= 1 + level // 4
    world.quests_won[who] = np.where(enough, 0, world.quests_won[who] + won)
    world.level[who] = level + enough
    through = enough & walled
    world.wall[who[through]] = next_wall(draws, who[through], world.level[who[through]])
    setback = np.where(won > 0, world.setback[who] * 0.25, world.setback[who] + (failed > 0))
    world.setback[who] = np.where(enough, 0.0, setback)
    counts[:, AT["quest_started"]] = started
    counts[:, AT["quest_done"]] = won
    counts[:, AT["quest_failed"]] = failed
    counts[:, AT["level_up"]] = enough


def _bought(draws: Draws, people: Population, world: World, now: Condition) -> Trade:
    wish = people.generosity[now.who] * np.exp(0.3 * now.engagement - 1.6 * now.shock - 0.5 * now.anger)
    upset = np.maximum(now.shock, 0.6 * now.anger)
    return trade(draws, world, now.who, now.day, wish.astype(np.float64), upset)


def _spend(counts: Ints, bought: Trade) -> None:
    counts[:, AT["purchase"]] = bought.purchases
    counts[:, AT["subscription_paid"]] = bought.subscriptions
    counts[:, AT["refund"]] = bought.refunds


def _answered(draws: Draws, world: World, now: Condition) -> Ints:
    """The NPS score 0..10 of those who are asked and answer, else -1."""
    liking = 7.6 + 1.1 * now.engagement - 4.5 * now.anger - 2.0 * stuck(world.setback[now.who])
    liking -= 2.0 * now.bored + 2.0 * now.shock
    score = np.clip(np.rint(liking + 1.5 * draws.normal("score", now.who)), 0, 10).astype(np.int64)
    return np.where(draws.uniform("survey", now.who) < _ASKED_NPS, score, -1)
