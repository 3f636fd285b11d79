"""The expected maximum profit of a campaign that targets by probability (Verbraken et al. 2013)."""

from dataclasses import dataclass
from typing import Any

from models.arrays import Floats


@dataclass(frozen=True, slots=True)
class Economics:
    """Values in one currency: the value of a retained user, the cost of an accepted offer, the cost of any contact.

    A user about to leave accepts the offer and stays with a chance drawn from beta(`success_alpha`, `success_beta`).
    """

    user_value: float
    offer_cost: float
    contact_cost: float
    success_alpha: float
    success_beta: float


def maximum_profit(churned: Floats, probability: Floats, economics: Economics) -> dict[str, float]:
    """`profit_per_login`, the expected maximum profit per row, and `contacted_share`, the share of rows to contact
    for it, from rows of both classes.

    The package empulse computes the EMPC of Verbraken, Verbeke & Baesens (2013, IEEE TKDE 25(5)): over the chances
    of success, the mean of the profit at the threshold that is best for each.
    """
    from empulse.metrics import empc_score  # noqa: PLC0415  # it takes a second to import

    parameters: dict[str, Any] = {
        "clv": economics.user_value,
        "incentive_cost": economics.offer_cost,
        "contact_cost": economics.contact_cost,
        "alpha": economics.success_alpha,
        "beta": economics.success_beta,
    }
    return {
        "profit_per_login": float(empc_score(churned, probability, **parameters)),
        "contacted_share": float(empc_score.optimal_rate(churned, probability, **parameters)),
    }
