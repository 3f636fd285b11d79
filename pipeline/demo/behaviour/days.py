"""One day of the game: who logs in, what they do, who leaves at its end, and when the others return.

A day is vectorised over its users. The next login is drawn at the end of a login day, from the very law
that the truth states: leave with the hazard, else come back after a gap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from pipeline.demo.arrays import NEVER, AnyArray, Flags, Floats, Ints
from pipeline.demo.behaviour import hazard, money, play, support
from pipeline.demo.draws import Draws
from pipeline.demo.world import friends, gaps
from pipeline.demo.world.clock import BURN_IN_DAYS, SEASON_DAYS, Clock
from pipeline.demo.world.countries import currency_numbers
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World, drifted

_GAP_AT_REST = 0.25
"""Log of the gap's scale in days at engagement 0."""
_GAP_BY_ENGAGEMENT = 0.72
_SEASON_RELIEF = 0.25
"""Share of the fatigue that is left when new content comes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all users: calendar, list prices, gap tables, and the label's horizon."""

    clock: Clock
    horizon_days: int
    prices: Floats
    pulls: Floats

    def price(self, day: int, country: AnyArray) -> Floats:
        """The list price of one euro's worth on `day`, for users of `country`."""
        return np.asarray(self.prices[day + BURN_IN_DAYS, currency_numbers()[country]], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Evening:
    """The end of a login day of `who`: what happened and what was decided."""

    day: int
    who: Ints
    now: play.Condition
    deeds: play.Deeds
    strain: hazard.Strain
    gap_scale: Floats
    hazard: Floats
    probability: Floats
    """True probability of no login in the horizon, lead 0."""
    leaves: Flags
    cause: Ints
    """Position in kinds.CAUSES, for those who leave."""
    strongest: Ints
    """Position in kinds.CAUSES of the planted cause with the highest rate, whichever was drawn."""


Answer: TypeAlias = Callable[[Ints, Ints, Floats], Floats]
"""What contacts make of the rates of leaving: `who`, the day on which each would be back, (SOURCES, who) → the same."""


def setting(days: int, horizon_days: int, days_after: int = 0) -> Setting:
    """The setting of a log of `days` days, and of `days_after` days after it."""
    clock = Clock(days)
    prices = money.list_prices(clock, days + days_after)
    return Setting(clock, horizon_days, prices, gaps.pulls(horizon_days))


def not_contacted(who: Ints, due: Ints, rates: Floats) -> Floats:  # noqa: ARG001  # an Answer
    """The answer of users whom nobody contacts: the rates as they are."""
    return rates


def live(
    draws: Draws,
    people: Population,
    world: World,
    at: Setting,
    day: int,
    answer: Answer = not_contacted,
) -> Evening:
    """Let `day` pass for all users who log in on it, and change `world` accordingly."""
    who = np.flatnonzero(world.next_login == day)
    now = _wake(draws, people, world, at, day, who)
    deeds = play.play(draws, people, world, now)
    strain = hazard.Strain(
        stuck=play.stuck(world.setback[who]),
        friends_gone=friends.share_gone(world.known[who], now.here, world.lost[who]),
        price_shock=now.shock,
        bad_support=now.anger,
        boredom=play.bored(world.fatigue[who]),
    )
    spends = np.clip(12.0 * people.generosity[who] + (world.renews_on[who] != NEVER), 0.0, 1.0)
    mood = hazard.Mood(now.engagement, now.style, spends, world.logins[who].astype(np.float64))
    sources = hazard.source_rates(strain, mood)
    rates = hazard.by_cause(sources)
    luck = draws.uniform("leave", who)
    cause = hazard.draw_cause(draws, who, rates)

    scale = np.exp(_GAP_AT_REST - _GAP_BY_ENGAGEMENT * now.engagement + people.gap_bias[who])
    pull, rhythm = at.pulls[at.clock.weekday_of(day)], people.rhythm[who]
    silent = gaps.longer_than(at.horizon_days, pull, rhythm, scale)
    gap = gaps.draw(draws, who, pull, rhythm, scale)
    chance = hazard.hazard(hazard.by_cause(answer(who, day + gap, sources)))
    leaves = luck < chance
    world.burden[who] = hazard.burden(rates)
    world.rates[who] = sources.T
    world.gap_scale[who] = scale
    world.left[who] = leaves
    world.next_login[who] = np.where(leaves, NEVER, day + gap)
    probability = chance + (1 - chance) * silent
    strongest = hazard.strongest_planted_cause(rates)
    return Evening(day, who, now, deeds, strain, scale, chance, probability, leaves, cause, strongest)


def _wake(draws: Draws, people: Population, world: World, at: Setting, day: int, who: Ints) -> play.Condition:
    """Bring the state of `who` from their last login day to this one."""
    last_day = world.seen_day[who]
    away = (day - last_day).astype(np.float64)
    engagement = drifted(draws, who, world.engagement[who], people.home[who] - world.burden[who], away)
    world.engagement[who] = engagement
    relieved = _seasons(at.clock, last_day) < at.clock.season_of(day)
    world.fatigue[who] = np.where(relieved, _SEASON_RELIEF, 1.0) * world.fatigue[who]
    world.setback[who] *= np.exp(-np.maximum(away - 1, 0) / 20.0)
    shock = money.feel(world, who, at.price(day, people.country[who]), away)
    anger = support.simmer(world, who, day, away)
    active = ~world.left & (people.signup_day <= day)
    met = friends.meet(draws, world.friend, world.known, active, who)
    here = friends.present(world.friend, world.known, world.left, who)
    world.logins[who] += 1
    world.seen_day[who] = day
    return play.Condition(
        who=who,
        day=day,
        engagement=engagement,
        style=people.style[who].astype(np.float64),
        bored=play.bored(world.fatigue[who]),
        shock=shock,
        anger=anger,
        here=here,
        met=met,
    )


def _seasons(clock: Clock, day: AnyArray) -> AnyArray:
    shift = clock.date_of(0).toordinal()
    season: AnyArray = (day + shift) // SEASON_DAYS
    return season
