"""How long an absence must last to be an end: the return curve of a service.

Source: Kaplan-Meier estimate over the gaps between login days, each user's last gap censored at the end
of the log (scipy.stats.ecdf).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import CensoredData, ecdf


@dataclass(frozen=True, slots=True)
class ReturnCurve:
    """By days of silence: the share still away, and of those the share that come back in as long again."""

    days: npt.NDArray[np.int64]
    still_away: npt.NDArray[np.float64]
    resurrected: npt.NDArray[np.float64]

    def resurrection_rate(self, horizon_days: int) -> float | None:
        """Of users silent for `horizon_days`, the share that return in the `horizon_days` after.

        None when the log is too short to tell.
        """
        if self.days.size == 0 or horizon_days > self.days[-1]:
            return None
        return float(self.resurrected[horizon_days - 1])

    def shortest_horizon(self, most_resurrected: float) -> int | None:
        """The fewest days of silence from which on at most that share of users comes back; None: never."""
        too_many = np.flatnonzero(self.resurrected > most_resurrected)
        shortest = int(too_many[-1]) + 1 if too_many.size else 0
        return int(self.days[shortest]) if shortest < self.days.size else None


def return_curve(return_days: npt.NDArray[np.float64], observed_days: npt.NDArray[np.int64]) -> ReturnCurve:
    """The return curve of login days, one entry each, up to half of the longest observation.

    `return_days`: days until the next login, NaN when none is in the log; `observed_days`: days from
    the login to the end of the log.
    """
    returned = ~np.isnan(return_days)
    watched = returned | (observed_days > 0)
    days = np.arange(1, int(observed_days.max(initial=0)) // 2 + 1)
    if not watched.any() or days.size == 0:
        nothing = np.array([], dtype=np.float64)
        return ReturnCurve(np.array([], dtype=np.int64), nothing, nothing)
    gaps = CensoredData(
        uncensored=return_days[returned], right=observed_days[watched & ~returned].astype(np.float64)
    )
    survival = ecdf(gaps).sf
    away = np.asarray(survival.evaluate(days), dtype=np.float64)
    later = np.asarray(survival.evaluate(2 * days), dtype=np.float64)
    resurrected = np.divide(away - later, away, out=np.zeros_like(away), where=away > 0)
    return ReturnCurve(days, away, resurrected)
