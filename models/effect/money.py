"""What the contacts of past lists brought, in the reporting currency."""

from dataclasses import dataclass

from models.effect.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost of `contacts` made, and of the offers that were taken. `offers_known`: counted, not assumed."""

    contacts: int
    contact_cost: float
    offers_taken: float
    offer_cost: float
    offers_known: bool

    @property
    def total(self) -> float:
        """All costs."""
        return self.contact_cost + self.offer_cost


@dataclass(frozen=True, slots=True)
class Gain:
    """`revenue`: what the arm contact paid more than it would have paid without contacts; `profit`: what is left.

    The profit is the margin times this revenue, less the costs, whose uncertainty is not in the interval.
    """

    revenue: Estimate
    costs: Costs
    profit: Estimate


def gain(revenue_effect: Estimate, episodes: int, margin: float, costs: Costs) -> Gain:
    """The gain of all `episodes` of the arm contact. `revenue_effect`: of the arm on an episode's revenue."""
    total = revenue_effect.scaled(episodes)
    return Gain(total, costs, total.scaled(margin).shifted(-costs.total))
