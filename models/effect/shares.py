"""The plain difference of two shares of churn, without covariates."""

from dataclasses import dataclass

from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from models.effect.estimate import Estimate, estimate_of

_FEWEST = 30
"""With a smaller cell the normal interval is too short, and Newcombe's is taken."""


@dataclass(frozen=True, slots=True)
class Arm:
    """The episodes of an arm, and how many of them churned."""

    episodes: int
    churned: int

    @property
    def share(self) -> float | None:
        """The share that churned; None without episodes."""
        return self.churned / self.episodes if self.episodes else None


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of churn among the held out less that among the contacted, and how its interval was made."""

    estimate: Estimate
    interval: str


def difference(contact: Arm, holdout: Arm) -> Difference | None:
    """The difference with a 95 % interval; None when an arm is empty.

    Newcombe (1998, method 10) when an arm has fewer than 30 churned or 30 other episodes, else Wald's. The interval
    takes episodes as independent.
    """
    if not contact.episodes or not holdout.episodes:
        return None
    cells = (
        contact.churned, contact.episodes - contact.churned, holdout.churned, holdout.episodes - holdout.churned,
    )  # fmt: skip
    p, q = holdout.churned / holdout.episodes, contact.churned / contact.episodes
    error = (p * (1 - p) / holdout.episodes + q * (1 - q) / contact.episodes) ** 0.5
    if min(cells) >= _FEWEST:
        return Difference(estimate_of(p - q, error), "Wald")
    low, high = confint_proportions_2indep(
        holdout.churned, holdout.episodes, contact.churned, contact.episodes, method="newcomb", compare="diff"
    )
    half = (float(high) - float(low)) / (2 * float(norm.ppf(0.975)))
    p_value = float(2 * norm.sf(abs(p - q) / half)) if half > 0 else 1.0
    return Difference(Estimate(p - q, half, float(low), float(high), p_value), "Newcombe")
