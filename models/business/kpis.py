"""The figures of a business, each declared once: what it is made of, its unit, which side is better, what it needs.

Every figure is a function of sums over users (`models/business/groups.py`), so its value and its resamplings come from
the same function. A figure whose denominator is 0 is missing, with `empty` as the reason, and never 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.arrays import Floats

Better = Literal["high", "low"]
Unit = Literal["users", "share", "money", "number", "points"]
Need = Literal["start", "amounts", "movements", "scores", "spend", "list"]
Sums = Mapping[str, Floats]
"""Sums by name; money in whole units of the currency, not minor ones. They have `margin` and `discount`, too."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure. `of`: its values from sums, of any shape. `n`: the sum that says how many users or orders it rests on.

    `needs`: what the log must tell. `share_of`: part and whole, of a share with Wilson's interval; others have an
    interval from resampled users. `says`: what it is, as a sentence without its subject.
    """

    name: str
    unit: Unit
    better: Better | None
    n: str
    of: Callable[[Sums], Floats]
    says: str
    needs: tuple[Need, ...] = ()
    share_of: tuple[str, str] | None = None
    empty: str = ""


def ratio(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, NaN where `whole` is 0."""
    whole = np.asarray(whole, dtype=np.float64)
    quotient: Floats = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole != 0)
    return quotient


def _sum(
    name: str,
    unit: Unit,
    better: Better | None,
    says: str,
    *needs: Need,
    n: str = "",
    of: str = "",
) -> Kpi:
    return Kpi(name, unit, better, n or name, lambda sums: sums[of or name] * 1.0, says, needs)


def _share(name: str, better: Better, part: str, whole: str, says: str, empty: str, *needs: Need) -> Kpi:
    return Kpi(
        name, "share", better, whole, lambda sums: ratio(sums[part], sums[whole]), says, needs, (part, whole), empty
    )  # fmt: skip


def _arpc(sums: Sums) -> Floats:
    return ratio(sums["net"], sums["active"])


def _churn(sums: Sums) -> Floats:
    return ratio(sums["lost"], sums["start"])


def _clv(sums: Sums) -> Floats:
    return ratio(_arpc(sums) * sums["margin"], _churn(sums))


def _clv_discounted(sums: Sums) -> Floats:
    """m·r / (1 + i - r), with margin m, retention r and discount rate i of a period; missing like `clv`."""
    stays = 1 - _churn(sums)
    value = ratio(_arpc(sums) * sums["margin"] * stays, 1 + sums["discount"] - stays)
    return np.where(_churn(sums) > 0, value, np.nan)


def _mrr_fall(*names: str) -> Callable[[Sums], Floats]:
    return lambda sums: ratio(-sum((sums[name] for name in names), np.zeros(())), sums["mrr_start"])


_NOBODY = "nobody was a customer at the start of the period"
_NO_ACTIVE, _NO_BUYERS = "nobody came in the period", "nobody bought anything in the period"
_NOT_LOST = "nobody was lost in the period; it is at least the lower end"
_NO_MRR = "there was no such revenue at the start of the period"

KPIS: tuple[Kpi, ...] = (
    _sum("start", "users", None, "customers at the start of the period", "start"),
    _sum("lost", "users", "low", "of these, no longer customers at its end", "start"),
    _sum("new", "users", "high", "customers at the end who came for the first time", "start"),
    _sum("returned", "users", "high", "customers at the end who had been lost before", "start"),
    _sum("end", "users", "high", "customers at the end of the period"),
    _sum("new_and_lost", "users", "low", "came for the first time and were lost by the end", "start"),
    _sum("returned_and_lost", "users", "low", "came back and were lost again by the end", "start"),
    _share(
        "new_and_lost_share", "low", "new_and_lost", "all_lost", "share of newcomers in all who were lost",
        "nobody was lost in the period", "start",
    ),
    _share("churn_rate", "low", "lost", "start", "share of the customers at the start who were lost", _NOBODY, "start"),
    _share(
        "hidden_churn", "low", "hidden", "asked",
        "share of the customers at the start who stayed but came much less than usual",
        "nobody at the start had been a customer for as long as the period", "start",
    ),
    _sum("active", "users", "high", "users who came in the period"),
    Kpi(
        "ceiling", "users", "high", "start", lambda sums: ratio(sums["new"], _churn(sums)),
        "customers at which as many are lost as come for the first time", ("start",), None,
        "nobody was lost, so there is none",
    ),
    _sum("revenue", "money", "high", "revenue before refunds", "amounts", n="buyers"),
    _sum("refunds", "money", "low", "money paid back", "amounts", n="buyers"),
    _sum("net_revenue", "money", "high", "revenue less refunds", "amounts", n="buyers", of="net"),
    _sum("orders", "number", "high", "orders", "amounts"),
    _sum("buyers", "users", "high", "users with an order", "amounts"),
    Kpi("arpc", "money", "high", "active", _arpc, "net revenue per user who came", ("amounts",), None, _NO_ACTIVE),
    Kpi(
        "purchase_frequency", "number", "high", "buyers", lambda sums: ratio(sums["orders"], sums["buyers"]),
        "orders per buyer", ("amounts",), None, _NO_BUYERS,
    ),
    Kpi(
        "average_check", "money", "high", "orders", lambda sums: ratio(sums["revenue"], sums["orders"]),
        "revenue per order", ("amounts",), None, _NO_BUYERS,
    ),
    Kpi(
        "concentration", "share", "low", "buyers", lambda sums: sums["top_share"],
        "share of the revenue that the top 8 % of the buyers pay", ("amounts",), None, _NO_BUYERS,
    ),
    _sum("mrr_start", "money", None, "at the start of the period", "movements", n="subscribers"),
    _sum("mrr_new", "money", "high", "from customers who pay for the first time", "movements", n="subscribers"),
    _sum("mrr_expansion", "money", "high", "from customers who pay more", "movements", n="subscribers"),
    _sum("mrr_contraction", "money", "high", "from customers who pay less", "movements", n="subscribers"),
    _sum("mrr_churn", "money", "high", "from customers who left", "movements", n="subscribers"),
    _sum("mrr_reactivation", "money", "high", "from customers who pay again", "movements", n="subscribers"),
    _sum("mrr_end", "money", "high", "at the end of the period", "movements", n="subscribers"),
    Kpi(
        "gross_mrr_churn", "share", "low", "subscribers", _mrr_fall("mrr_churn", "mrr_contraction"),
        "Churn and Contraction as a share of the start", ("movements",), None, _NO_MRR,
    ),
    Kpi(
        "net_mrr_churn", "share", "low", "subscribers",
        _mrr_fall("mrr_churn", "mrr_contraction", "mrr_expansion", "mrr_reactivation"),
        "the same less Expansion and Reactivation", ("movements",), None, _NO_MRR,
    ),
    Kpi(
        "cac", "money", "low", "new", lambda sums: ratio(sums["spend"], sums["new"]),
        "spend per new customer", ("start", "spend"), None, "no new customer in the period",
    ),
    Kpi(
        "clv", "money", "high", "start", _clv, "ARPC times margin, divided by the churn rate", ("start", "amounts"),
        None, _NOT_LOST,
    ),
    Kpi(
        "clv_discounted", "money", "high", "start", _clv_discounted,
        "ARPC times margin times r / (1 + i - r), with retention r and discount rate i", ("start", "amounts"),
        None, _NOT_LOST,
    ),
    Kpi(
        "nps", "points", "high", "answered",
        lambda sums: 100 * ratio(sums["promoters"] - sums["detractors"], sums["answered"]),
        "promoters less detractors, of each user's last answer in 90 days", ("scores",), None,
        "nobody answered in the 90 days up to the end of the period",
    ),
)  # fmt: skip
KPI_NAMES: tuple[str, ...] = tuple(kpi.name for kpi in KPIS)
MINOR_SUMS = (
    "revenue", "refunds", "net", "mrr_start", "mrr_end", "mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churn",
    "mrr_reactivation", "spend",
)  # fmt: skip
"""Sums that are kept in minor units."""


def worse(kpi: Kpi, value: float, than: float) -> bool:
    """Whether `value` is on the worse side of `than`."""
    return value < than if kpi.better == "high" else value > than
