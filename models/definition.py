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
    """By days of silence: the share still away, and of those the share that come back later."""

    days: npt.NDArray[np.int64]
    still_away: npt.NDArray[np.float64]
    resurrected: npt.NDArray[np.float64]

    def resurrection_rate(self, horizon_days: int) -> float | None:
        """Of users silent for `horizon_days`, the share that return before the curve ends.

        None when the log is too short to tell.
        """
        if self.days.size == 0 or horizon_days > self.days[-1]:
            return None
        return float(self.resurrected[horizon_days - 1])

    def shortest_horizon(self, most_resurrected: float) -> int | None:
        """The fewest days of silence after which at most that share of users comes back."""
        enough = np.flatnonzero(self.resurrected <= most_resurrected)
        return int(self.days[enough[0]]) if enough.size else None


def return_curve(return_days: npt.NDArray[np.float64], observed_days: npt.NDArray[np.int64]) -> ReturnCurve:
    """The return curve of login days, one entry each.

    `return_days`: days until the next login, NaN when none is in the log; `observed_days`: days from
    the login to the end of the log. The curve reaches as far as half of the longest observation, beyond
    which too few are still watched.
    """
    returned = ~np.isnan(return_days)
    watched = returned | (observed_days > 0)
    longest = int(observed_days.max(initial=0))
    days = np.arange(1, longest // 2 + 1)
    if not watched.any() or days.size == 0:
        nothing = np.array([], dtype=np.float64)
        return ReturnCurve(np.array([], dtype=np.int64), nothing, nothing)
    gaps = CensoredData(
        uncensored=return_days[returned], right=observed_days[watched & ~returned].astype(np.float64)
    )
    survival = ecdf(gaps).sf
    away = np.asarray(survival.evaluate(days), dtype=np.float64)
    final = float(survival.evaluate(longest))
    resurrected = np.divide(away - final, away, out=np.zeros_like(away), where=away > 0)
    return ReturnCurve(days, away, resurrected)
