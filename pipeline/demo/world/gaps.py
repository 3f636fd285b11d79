"""When a user who stays comes back: an exact law of the gap g >= 1 in days.

P(gap > g) = exp(-pull(g) / scale^SHAPE), where pull(g) adds up, over the days since the login, the
increments of t^SHAPE weighted by how well the weekday suits the user. It is a discretised Weibull law
(Nakagawa & Osaki 1975) with a weekly rhythm. Promise: `longer_than` is the law that `draw` draws from.
"""

import numpy as np

from pipeline.demo.arrays import AnyArray, Floats, Ints
from pipeline.demo.draws import Draws

SHAPE = 0.8
RHYTHM_SHARES = (0.3, 0.45, 0.25)
RHYTHMS = np.array(
    [
        [1.25, 1.25, 1.25, 1.2, 1.0, 0.5, 0.55],
        [0.95, 0.95, 0.95, 0.95, 1.0, 1.1, 1.1],
        [0.6, 0.55, 0.6, 0.65, 1.1, 1.8, 1.7],
    ]
)
"""Weight of each weekday (Monday first) for working-day, any-day and weekend players."""

_LONGEST = 400


def pulls(horizon_days: int) -> Floats:
    """pull(g) by (weekday of the login, rhythm, g - 1), for g up to `horizon_days` at least."""
    steps = np.arange(1, max(_LONGEST, horizon_days) + 1)
    increments = steps**SHAPE - (steps - 1.0) ** SHAPE
    weighted = [increments * RHYTHMS[:, (weekday + steps) % 7] for weekday in range(7)]
    return np.cumsum(np.stack(weighted), axis=2)


def longer_than(days: int, pull: Floats, rhythm: AnyArray, scale: Floats) -> Floats:
    """P(gap > days) for users of `rhythm` and `scale`; `pull` is that of the login's weekday."""
    return np.asarray(np.exp(-pull[rhythm, days - 1] / scale**SHAPE), dtype=np.float64)


def draw(draws: Draws, who: Ints, pull: Floats, rhythm: AnyArray, scale: Floats) -> Ints:
    """One gap in days for each of `who`."""
    reach = draws.exponential("gap", who) * scale**SHAPE
    return reached(reach, pull, rhythm)


def reached(reach: Floats, pull: Floats, rhythm: AnyArray) -> Ints:
    """The first gap in days whose pull is at least `reach`, for each user."""
    gap = np.empty(reach.size, dtype=np.int64)
    for number in range(len(RHYTHM_SHARES)):
        mine = rhythm == number
        gap[mine] = np.searchsorted(pull[number], reach[mine], side="left") + 1
    return gap
