"""Whom to contact: what a contact is expected to bring, and the choice among those for whom there is a play.

Promise: a choice depends on the numbers and the ids only, not on the order of the rows.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.arrays import Floats

Rule = Literal["profit", "capacity", "budget"]
Bools = NDArray[np.bool_]
_LEAST_HALF_LIFE = 0.25
"""Of the horizon: the half-life of the reach is at least so long, also for a user without gaps."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed of contacts, in the reporting currency where it is money.

    `contact_cost`: cost of each contact. `margin`: share of the revenue that is profit. `stayers_take_offer`: share of
    the users who would have stayed and take an offer all the same. `half_life_gaps`: after so many of the user's mean
    gaps without a login a contact reaches half as many users.
    """

    contact_cost: float
    margin: float
    stayers_take_offer: float
    half_life_gaps: float


@dataclass(frozen=True, slots=True)
class Offers:
    """The play of each row: the share of leavers who accept it, and the cost of its offer. Both (rows,)."""

    accepts: Floats
    cost: Floats


@dataclass(frozen=True, slots=True)
class Expected:
    """What a contact of each row is expected to bring. All (rows,).

    `kept`: probability that the contact keeps a user who would leave. `revenue`: revenue kept. `cost`: cost of the
    contact and of the offers taken. `profit`: margin times revenue, less cost. Revenue and profit are NaN where the
    user's expected revenue is not known.
    """

    kept: Floats
    revenue: Floats
    cost: Floats
    profit: Floats


@dataclass(frozen=True, slots=True)
class Choice:
    """`chosen` (rows,): whether the row is to be contacted or held out. `score` (rows,): larger is chosen earlier."""

    chosen: Bools
    score: Floats


def reached_share(
    silent_days: Floats, mean_gap_days: Floats, horizon_days: Floats, half_life_gaps: float
) -> Floats:
    """(rows,) the share of users whom a contact still reaches: it halves with every half-life of silence.

    The half-life is `half_life_gaps` mean gaps of the user, a quarter of the horizon at least. `mean_gap_days`: NaN
    where it is not known.
    """
    gaps = np.nan_to_num(half_life_gaps * mean_gap_days)
    return np.asarray(2.0 ** (-silent_days / np.maximum(gaps, _LEAST_HALF_LIFE * horizon_days)))


def expected(
    churn_probability: Floats,
    expected_revenue: Floats,
    reached: Floats,
    offers: Offers,
    assumed: Assumptions,
    measured: Floats | None = None,
) -> Expected:
    """What a contact of each row is expected to bring.

    profit = p * accepts * reached * (margin * V - offer) - (1 - p) * stayers * offer - contact, for the churn
    probability p, the revenue V of a user who stays, the costs of offer and contact, and the share of stayers who take
    the offer (Verbraken, Verbeke and Baesens 2013, with a value for each user).

    `measured` (rows,): the share of churn that past contacts took away, NaN where nobody has measured it. Where it is
    known, it takes the place of p * accepts * reached (Ascarza 2018: contacts are for those whom they keep). It is p at
    most: a contact keeps no more users than would leave.
    """
    kept = churn_probability * offers.accepts * reached
    if measured is not None:
        kept = np.where(np.isnan(measured), kept, np.clip(measured, 0.0, churn_probability))
    revenue = kept * expected_revenue
    taken = kept + (1 - churn_probability) * assumed.stayers_take_offer
    cost = assumed.contact_cost + taken * offers.cost
    return Expected(kept, revenue, cost, assumed.margin * revenue - cost)


def choose(
    expected_of_contact: Expected,
    eligible: Bools,
    rule: Rule,
    *,
    most_users: int | None = None,
    budget: float | None = None,
) -> Choice:
    """The rows to be contacted or held out, among those `eligible`.

    - `profit`: every row with an expected profit above 0.
    - `capacity`: of these the `most_users` with the highest profit. Without known revenue: with the most users kept, if
      any.
    - `budget`: of these the ones with the highest profit for their cost, while the costs stay within `budget`. Contacts
      that cost nothing come first.

    Ties go by the order of the rows, so sort by user id before.
    """
    profit, valued = expected_of_contact.profit, bool(np.isfinite(expected_of_contact.profit).any())
    if valued:
        score, may = np.nan_to_num(profit, nan=-np.inf), eligible & (np.nan_to_num(profit) > 0)
    else:
        score, may = expected_of_contact.kept, eligible & (expected_of_contact.kept > 0)
    if rule == "budget":
        with np.errstate(divide="ignore", invalid="ignore"):
            by_cost = np.where(
                expected_of_contact.cost > 0, score / expected_of_contact.cost, np.inf * np.sign(score)
            )
        score = np.nan_to_num(by_cost, nan=0.0)
    chosen = np.zeros(len(score), dtype=np.bool_)
    order = np.flatnonzero(may)[np.argsort(-score[may], kind="stable")]
    if rule == "capacity" and most_users is not None:
        order = order[:most_users]
    if rule == "budget" and budget is not None:
        order = order[np.cumsum(expected_of_contact.cost[order]) <= budget]
    chosen[order] = True
    return Choice(chosen, score)


def by_depth(
    gain: Floats, eligible: Bools, score: Floats, churn_probability: Floats, most_points: int = 200
) -> list[dict[str, float | int]]:
    """The cumulative `gain` of contacting the first 0, 1, 2 … `eligible` rows, at `most_points` depths at most.

    Each entry has `users` (the depth), `policy` (in the order of `score`), `risk` (the highest churn probability first)
    and `random` (the mean of any order).
    """
    gains, total = gain[eligible], len(gain[eligible])
    by_score = np.append(0.0, np.cumsum(gains[np.argsort(-score[eligible], kind="stable")]))
    by_risk = np.append(0.0, np.cumsum(gains[np.argsort(-churn_probability[eligible], kind="stable")]))
    mean = float(gains.mean()) if total else 0.0
    depths = np.unique(np.linspace(0, total, min(most_points, total + 1)).round().astype(int))
    return [
        {
            "users": int(depth),
            "policy": float(by_score[depth]),
            "risk": float(by_risk[depth]),
            "random": mean * int(depth),
        }
        for depth in depths
    ]
