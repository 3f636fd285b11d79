"""Is the experiment large enough for a verdict, and what is it?"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

from scipy.stats import norm

from models.effect.estimate import Estimate

Says = Literal["not yet", "contact keeps users", "contact drives users away", "no effect is seen"]
LEAST_HELD_OUT = 50
_Z = float(norm.ppf(0.975) + norm.ppf(0.8))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be concluded. `needs`: held-out episodes; with fewer the verdict is "not yet"."""

    says: Says
    needs: int

    @property
    def decided(self) -> bool:
        """Whether there is a verdict."""
        return self.says != "not yet"


def held_out_needed(base_rate: float, share: float, decide_at: float) -> int:
    """The held-out episodes that show an effect of `decide_at` with 80 % power at 5 % significance, at least 50.

    `base_rate`: the churn probability that the lists predicted, so that outcomes do not decide when to look. `share`:
    of the holdout. From (z.975 + z.8) √(p (1 - p) (1 / contacts + 1 / held out)) = `decide_at`.
    """
    return max(LEAST_HELD_OUT, ceil(_Z**2 * base_rate * (1 - base_rate) / ((1 - share) * decide_at**2)))


def verdict_of(effect: Estimate | None, held_out: int, needs: int) -> Verdict:
    """The verdict on an effect on churn, positive when contact keeps users."""
    if effect is None or held_out < needs:
        return Verdict("not yet", needs)
    if effect.low > 0:
        return Verdict("contact keeps users", needs)
    return Verdict("contact drives users away" if effect.high < 0 else "no effect is seen", needs)
