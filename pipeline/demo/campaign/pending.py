"""What the log leaves open at its end: who of the silent users has left, and when the others would be back.

A user draws a gap after each login, and decides on the day when it ends: to leave with the hazard of the last login,
else to be back. That is the law of the log, told in another order: nobody who reads the log can tell a user who has
left from one whose gap is not over. A contact can change a decision that is still to come. Promise: what is open is
drawn from the exact law given the log, so each seed lives another life after the same log.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import Flags, Floats, Ints
from pipeline.demo.behaviour import hazard
from pipeline.demo.behaviour.days import Answer, Setting
from pipeline.demo.draws import Draws
from pipeline.demo.world import gaps
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World


@dataclass(frozen=True, slots=True)
class Silence:
    """Users as known at the end of `day`: what their last login has left open.

    `rates`: (SOURCES, users) of leaving after it. `weekday`: of the login. `silent_days`: since then. `reach`: the
    mean pull to the end of a gap.
    """

    who: Ints
    day: int
    rates: Floats
    silent_days: Ints
    weekday: Ints
    rhythm: Ints
    reach: Floats

    def pull_to(self, days_ahead: int, at: Setting) -> Floats:
        """The pull from the login to `days_ahead` days after `day`."""
        gap = np.minimum(self.silent_days + days_ahead, at.pulls.shape[2])
        pulled = at.pulls[self.weekday, self.rhythm, np.maximum(gap, 1) - 1]
        return np.where(gap > 0, pulled, 0.0)


@dataclass(frozen=True, slots=True)
class Pending:
    """`gone`: had left by the end of the day. `due`: the day on which the others decide; `luck`: 0..1, they leave below
    their hazard.
    """

    gone: Flags
    due: Ints
    luck: Floats


def silence(people: Population, world: World, at: Setting, day: int, who: Ints) -> Silence:
    """What is open about `who` at the end of `day`, at which `world` stands."""
    seen = world.seen_day[who].astype(np.int64)
    weekdays = np.array([at.clock.weekday_of(number) for number in range(7)])
    return Silence(
        who=who,
        day=day,
        rates=world.rates[who].T.astype(np.float64),
        silent_days=day - seen,
        weekday=weekdays[seen % 7],
        rhythm=people.rhythm[who].astype(np.int64),
        reach=world.gap_scale[who].astype(np.float64) ** gaps.SHAPE,
    )


def gone_probability(silent: Silence, at: Setting) -> Floats:
    """The probability that each user has left by the end of the day, given that the user did not come since."""
    over = -np.expm1(-silent.pull_to(0, at) / silent.reach)
    left = over * hazard.hazard(hazard.by_cause(silent.rates))
    return np.asarray(left / (left + (1 - over)), dtype=np.float64)


def resumed(draws: Draws, silent: Silence, at: Setting) -> Pending:
    """One draw of what is open."""
    gone = draws.uniform("gone", silent.who) < gone_probability(silent, at)
    # The pull to the end of a gap is exponential, so what is left of it is exponential again.
    reach = silent.pull_to(0, at) + silent.reach * draws.exponential("rest of the gap", silent.who)
    gap = np.empty(silent.who.size, dtype=np.int64)
    for weekday in range(7):
        mine = silent.weekday == weekday
        gap[mine] = gaps.reached(reach[mine], at.pulls[weekday], silent.rhythm[mine])
    due = silent.day + np.maximum(gap - silent.silent_days, 1)
    return Pending(gone, due, draws.uniform("leave", silent.who))


def leaves(silent: Silence, due: Ints, luck: Floats, answer: Answer) -> Flags:
    """Who of the users leaves on day `due`, instead of being back."""
    rates = answer(silent.who, due, silent.rates)
    return np.asarray(luck < hazard.hazard(hazard.by_cause(rates)), dtype=np.bool_)


def churn_probability(
    silent: Silence, at: Setting, horizon_days: int, answer: Answer, return_share: Floats
) -> Floats:
    """The exact probability of no login in the `horizon_days` days after the day, given the log.

    `return_share`: of each user, the chance to come back of one who has left.
    """
    gone = gone_probability(silent, at)
    start = silent.pull_to(0, at)
    still, churned = np.ones(silent.who.size), np.zeros(silent.who.size)
    for ahead in range(1, horizon_days + 1):
        after = np.exp(-(silent.pull_to(ahead, at) - start) / silent.reach)
        due = np.full(silent.who.size, silent.day + ahead)
        rates = answer(silent.who, due, silent.rates)
        churned += (still - after) * hazard.hazard(hazard.by_cause(rates))
        still = after
    return np.asarray(gone * (1 - return_share) + (1 - gone) * (churned + still), dtype=np.float64)
