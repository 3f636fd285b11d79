"""The return curve of a service, and the cost of each horizon: how long must an absence last to count as churn?

Source: Kaplan-Meier estimate over the gaps between login days, each user's last gap censored at the end
of the log (scipy.stats.ecdf).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import CensoredData, ecdf

from models.arrays import Floats, Ints

_PER_LOGINS = 1_000


@dataclass(frozen=True, slots=True)
class ReturnCurve:
    """By days of silence: the share still away, and of those the share that returns within as many days again.

    `never`: the share still away at the end of the longest observation.
    """

    days: Ints
    still_away: Floats
    resurrected: Floats
    never: float

    def resurrection_rate(self, horizon_days: int) -> float | None:
        """Of users silent for `horizon_days`, the share that returns in the next `horizon_days`.

        None when the log is too short to tell.
        """
        if self.days.size == 0 or horizon_days > self.days[-1]:
            return None
        return float(self.resurrected[horizon_days - 1])

    def shortest_horizon(self, most_resurrected: float) -> int | None:
        """The fewest days of silence from which on at most `most_resurrected` of the users return; None: never."""
        too_many = np.flatnonzero(self.resurrected > most_resurrected)
        shortest = int(too_many[-1]) + 1 if too_many.size else 0
        return int(self.days[shortest]) if shortest < self.days.size else None


@dataclass(frozen=True, slots=True)
class Costs:
    """What each horizon of a return curve costs, per 1,000 logins.

    `false_churn`: offers to users called lost who return within as many days again. `waiting`: the lost revenue of
    users who never return, until they are called lost.
    """

    false_churn: Floats
    waiting: Floats

    @property
    def total(self) -> Floats:
        """Both together."""
        return self.false_churn + self.waiting


def costs(curve: ReturnCurve, false_churn_cost: float, waiting_cost_per_day: float) -> Costs:
    """The costs of each of the curve's horizons; `false_churn_cost`: of one offer."""
    returning = _PER_LOGINS * curve.still_away * curve.resurrected
    waiting = _PER_LOGINS * curve.never * curve.days.astype(np.float64)
    return Costs(returning * false_churn_cost, waiting * waiting_cost_per_day)


def recommended_horizon(curve: ReturnCurve, cost: Costs, most_resurrected: float) -> int | None:
    """The cheapest horizon from which on at most `most_resurrected` of the users return; of equals the shortest.

    None when the log is too short to show one.
    """
    shortest = curve.shortest_horizon(most_resurrected)
    if shortest is None:
        return None
    first = int(np.searchsorted(curve.days, shortest))
    return int(curve.days[first + int(np.argmin(cost.total[first:]))])


def resurrection_rate(return_days: Floats, observed_days: Ints, horizon_days: Ints) -> float | None:
    """Of users silent for their `horizon_days`, the share that returns within as many days again.

    The Kaplan-Meier estimate over gaps in units of the horizon: for one horizon the same as in days. None
    when nobody is observed for twice the horizon. Arguments as in `return_curve`.
    """
    watched = ~np.isnan(return_days) | (observed_days > 0)
    if not watched.any() or float((observed_days / horizon_days).max()) < 2:
        return None
    survival = _survival((return_days / horizon_days)[watched], (observed_days / horizon_days)[watched])
    away, later = np.asarray(survival.evaluate([1.0, 2.0]), dtype=np.float64)
    return float((away - later) / away) if away > 0 else 0.0


def _survival(returns: Floats, observed: Floats) -> Any:
    """The survival function of gaps, NaN: not returned while observed."""
    returned = ~np.isnan(returns)
    return ecdf(CensoredData(uncensored=returns[returned], right=observed[~returned])).sf


def return_curve(return_days: Floats, observed_days: Ints) -> ReturnCurve:
    """The return curve of login days, one entry each, up to half of the longest observation.

    `return_days`: days until the next login, NaN when none is in the log; `observed_days`: days from
    the login to the end of the log.
    """
    returned = ~np.isnan(return_days)
    watched = returned | (observed_days > 0)
    days = np.arange(1, int(observed_days.max(initial=0)) // 2 + 1)
    if not watched.any() or days.size == 0:
        nothing = np.array([], dtype=np.float64)
        return ReturnCurve(np.array([], dtype=np.int64), nothing, nothing, 0.0)
    survival = _survival(return_days[watched], observed_days[watched].astype(np.float64))
    away = np.asarray(survival.evaluate(days), dtype=np.float64)
    later = np.asarray(survival.evaluate(2 * days), dtype=np.float64)
    resurrected = np.divide(away - later, away, out=np.zeros_like(away), where=away > 0)
    return ReturnCurve(days, away, resurrected, float(later[-1]))
