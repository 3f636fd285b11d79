"""Who the users are: what does not change in a user's life. Drawn at random, not taken from a log."""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import Ints, Singles, Smalls, single
from pipeline.demo.world.countries import COUNTRIES, shares
from pipeline.demo.world.gaps import RHYTHM_SHARES
from pipeline.demo.world.kinds import CHANNELS, STYLES

CHANNEL_SHARES = (0.35, 0.35, 0.15, 0.15)
CHANNEL_ENGAGEMENT = (0.15, -0.35, 0.35, 0.0)


@dataclass(frozen=True, slots=True)
class Population:
    """One entry per user in each field."""

    country: Smalls
    """Position in COUNTRIES."""
    channel: Smalls
    """Position in CHANNELS."""
    rhythm: Smalls
    """Row of gaps.RHYTHMS: working-day player, any-day player, weekend player."""
    signup_day: Smalls
    style: Singles
    """Shares of STYLES, (users, 5), adding up to one."""
    home: Singles
    """The engagement to which a user returns in the long run."""
    skill: Singles
    vigour: Singles
    """Events per minute, relative to others."""
    pace: Singles
    """How much of a season's content a login day uses up."""
    gap_bias: Singles
    """Log of the gap, relative to others of the same engagement."""
    peak_hour: Singles
    """Hour of the day, local time, around which the user plays."""
    purse: Singles
    """How much is spent at a time: position in money.PRICES_EUR."""
    generosity: Singles
    """Purchases per login day, at the prices the user is used to."""
    sociable: Singles
    """0..1: how readily the user makes friends."""


def draw(rng: np.random.Generator, signup_day: Ints) -> Population:
    """Users who sign up on `signup_day`."""
    n = signup_day.size
    style = rng.dirichlet(np.full(len(STYLES), 0.45), n)
    channel = rng.choice(len(CHANNELS), n, p=CHANNEL_SHARES)
    payer = rng.random(n) < 0.18 + 0.75 * style[:, 4]
    return Population(
        country=rng.choice(len(COUNTRIES), n, p=shares()).astype(np.int32),
        channel=channel.astype(np.int32),
        rhythm=rng.choice(len(RHYTHM_SHARES), n, p=RHYTHM_SHARES).astype(np.int32),
        signup_day=signup_day.astype(np.int32),
        style=single(style),
        home=single(rng.normal(0.0, 0.95, n) + np.array(CHANNEL_ENGAGEMENT)[channel]),
        skill=single(rng.normal(0.0, 1.0, n)),
        vigour=single(rng.lognormal(-0.06, 0.35, n)),
        pace=single(rng.lognormal(-3.6, 0.7, n) * (0.5 + 1.5 * style[:, 1])),
        gap_bias=single(rng.normal(0.0, 0.3, n)),
        peak_hour=single(rng.normal(19.0, 2.5, n)),
        purse=single(rng.normal(1.2, 1.0, n) + 1.5 * style[:, 4]),
        generosity=single(np.where(payer, rng.lognormal(-3.0, 0.8, n) * (1 + 4 * style[:, 4]), 0.0)),
        sociable=single(np.clip(0.25 + 0.75 * style[:, 2] + rng.normal(0.0, 0.15, n), 0.0, 1.0)),
    )
