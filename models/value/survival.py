"""From the judged days to a longer horizon: by the share of users of a band who are still here.

Promise: nobody is taken to pay after they have left. Source: Kaplan & Meier 1958, "Nonparametric estimation from
incomplete observations".
"""

import numpy as np

from models.arrays import Flags, Floats, Ints
from models.value.rows import BAND_NAMES


def extensions(
    here: Ints, gone: Flags, bands: Ints, judged_days: int, horizon_days: int
) -> tuple[float, ...]:
    """(bands,) by how much the revenue of `horizon_days` days exceeds that of the first `judged_days`.

    It is the ratio of the days that a user is expected to be here. `here`, `gone`: see `labels.label.days_here`.
    """
    return tuple(
        _extension(here[bands == i], gone[bands == i], judged_days, horizon_days)
        for i in range(len(BAND_NAMES))
    )


def survival(here: Ints, gone: Flags, days: int) -> Floats:
    """(days,) the share of users still here on day 1, 2, … `days`, by Kaplan and Meier.

    Beyond the last day on which anyone is followed, users leave at the mean rate of the days before.
    """
    longest = int(here.max()) if len(here) else 0
    counts = np.bincount(here, minlength=longest + 1)
    left = np.bincount(here, weights=gone, minlength=longest + 1)
    at_risk = np.cumsum(counts[::-1])[::-1]
    staying = 1.0 - np.divide(left, at_risk, out=np.zeros(longest + 1), where=at_risk > 0)
    followed = np.cumprod(staying)[:days]
    if len(followed) == days:
        return np.asarray(followed)
    last = float(followed[-1]) if len(followed) else 1.0
    daily = last ** (1.0 / max(1, len(followed)))
    beyond = last * daily ** np.arange(1, days - len(followed) + 1)
    return np.concatenate([followed, beyond])


def _extension(here: Ints, gone: Flags, judged_days: int, horizon_days: int) -> float:
    if horizon_days <= judged_days:
        return 1.0
    share = survival(here, gone, horizon_days)
    return float(share.sum() / share[:judged_days].sum())
