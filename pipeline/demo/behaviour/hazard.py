"""When and why a user leaves for good: the hazard at the end of a login day.

hazard = 1 - exp(-(sum of rates)), with one rate per planted cause and one, `other`, for what nothing
in the log explains. A rate is the intensity of the cause times how much this play style minds it, so
the same intensity drives one user away and not another. Users who mind fade first: the rates lower the engagement
to which the user tends (`burden`). The cause of a leave is drawn in proportion to the rates at that moment.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import Floats, Ints
from pipeline.demo.draws import Draws

_HEAVIEST = 2.0
_HEAVY = 0.06
"""Rate of the planted causes together at which the burden is 63 % of the heaviest."""


@dataclass(frozen=True, slots=True)
class Strain:
    """Intensity of each planted cause at the end of a login day, 0 for none, about 1 for much."""

    stuck: Floats
    friends_gone: Floats
    price_shock: Floats
    bad_support: Floats
    boredom: Floats


@dataclass(frozen=True, slots=True)
class Mood:
    """What else the hazard depends on; `style` is (users, 5), `spends` 0..1, `logins` counts today."""

    engagement: Floats
    style: Floats
    spends: Floats
    logins: Floats


def leaving_rates(strain: Strain, mood: Mood) -> Floats:
    """(causes, users), in the order of kinds.CAUSES."""
    return by_cause(source_rates(strain, mood))


def by_cause(sources: Floats) -> Floats:
    """(causes, users) of the rates (kinds.SOURCES, users): newcomer and settled are the cause `other`."""
    return np.concatenate([sources[:-2], sources[-2:-1] + sources[-1:]])


def source_rates(strain: Strain, mood: Mood) -> Floats:
    """(sources, users), in the order of kinds.SOURCES."""
    achiever, explorer, socialiser, competitor, spender = mood.style.T
    lax = np.exp(-0.55 * mood.engagement)
    newcomer = 0.20 * np.exp(-0.95 * mood.engagement) * 0.52 ** (mood.logins - 1)
    settled = 0.006 * np.exp(-1.6 * mood.engagement)
    return np.stack(
        [
            0.30 * strain.stuck**2 * (0.05 + achiever + 0.3 * competitor) * lax,
            0.35 * strain.friends_gone**3 * (0.02 + socialiser) * lax,
            0.80 * strain.price_shock**1.5 * (0.02 + mood.spends * (0.4 + spender)) * lax,
            0.30 * strain.bad_support * (0.25 + spender + 0.5 * achiever) * lax,
            0.25 * strain.boredom**2 * (0.08 + explorer + 0.3 * competitor) * lax,
            newcomer,
            settled,
        ]
    )


def hazard(rates: Floats) -> Floats:
    """The probability of leaving for good after this login."""
    return np.asarray(-np.expm1(-rates.sum(axis=0)), dtype=np.float64)


def burden(rates: Floats) -> Floats:
    """How much the planted causes lower a user's engagement: such users log in less before they leave."""
    return np.asarray(-_HEAVIEST * np.expm1(-rates[:-1].sum(axis=0) / _HEAVY), dtype=np.float64)


def draw_cause(draws: Draws, who: Ints, rates: Floats) -> Ints:
    """One cause for each of `who` (a column of `rates`), as a position in kinds.CAUSES."""
    until = np.cumsum(rates, axis=0)
    return np.asarray((until > draws.uniform("cause", who) * until[-1]).argmax(axis=0), dtype=np.int64)


def strongest_planted_cause(rates: Floats) -> Ints:
    """For each user the position in kinds.CAUSES of the planted cause with the highest rate."""
    return np.asarray(rates[:-1].argmax(axis=0), dtype=np.int64)
