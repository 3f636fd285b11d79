"""Why a user may leave, as a classifier of causes: what each feature speaks of, and which way is the wrong one.

Promise: every feature, those from outside the log included, belongs to exactly one cause, and the codes are stable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from features.define import Dimension, Feature

Worse = Literal["low", "high", "either"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of leaving. `managed`: the service itself can act on it; else it can only take it into account.

    `names`: patterns of the features of `dimension` that speak of it; one cause of each dimension has none
    and takes the rest.
    """

    code: str
    dimension: Dimension
    says: str
    managed: bool
    names: tuple[str, ...] = ()


CAUSES = (
    Cause("NEWCOMER", "rhythm", "has hardly begun", managed=True,
          names=("logins_life", "tenure_days", "days_since_signup")),
    Cause("NO_HABIT", "rhythm", "comes at no habitual time", managed=True,
          names=("weekday_regularity", "hour_regularity", "weekend_share", "gap_spread_days")),
    Cause("COMES_LESS", "rhythm", "comes less often than usual", managed=True),
    Cause("LITTLE_SO_FAR", "intensity", "has done little so far", managed=True, names=("*_life",)),
    Cause("DOES_LESS", "intensity", "does less when here than usual", managed=True),
    Cause("ONBOARDING_STALLS", "progress", "does not get through the onboarding", managed=True,
          names=("*onboarding*",)),
    Cause("STUCK", "progress", "gets no further", managed=True),
    Cause("UNANSWERED", "social", "is written to by few", managed=True, names=("*received*", "replies_*")),
    Cause("ALONE", "social", "meets few others", managed=True),
    Cause("REFUNDED", "spending", "took money back", managed=True, names=("refunds_*",)),
    Cause("SUBSCRIPTION_LAPSES", "spending", "the subscription has ended or is about to", managed=True,
          names=("*subscription*", "days_to_renewal")),
    Cause("PAYS_LESS", "spending", "pays less than usual", managed=True),
    Cause("NARROW_USE", "breadth", "uses little of what there is", managed=True),
    Cause("SUPPORT_WAITS", "satisfaction", "has trouble, and support is slow", managed=True,
          names=("*complaint*", "answer_hours_*", "*support*")),
    Cause("UNHAPPY", "satisfaction", "is unhappy, or praises no more", managed=True),
    Cause("PRICES_ROSE", "context", "pays more in their own currency", managed=True,
          names=("currency_price_change_*",)),
    Cause("CALENDAR", "context", "a matter of the day", managed=False,
          names=("weekday", "holiday", "days_*_holiday")),
    Cause("SERVICE_FADES", "context", "the whole service is quieter", managed=False, names=("service_*",)),
    Cause("SURROUNDINGS", "context", "who and where they are", managed=False),
)  # fmt: skip

_EITHER_WAY = (
    "weekday", "holiday", "days_*_holiday", "weekend_share", "service_newcomer_share", "*_kind_*",
    "days_since_score", "days_since_support",
)  # fmt: skip
_HIGH_IS_WORSE = (
    "gap_*", "days_since_*", "days_on_*", "ceased_*", "refunds_*", "minutes_per_money_*", "concentration_*",
    "support_*", "open_complaints", "days_complaint_waits", "answer_hours_*", "currency_price_change_*",
)  # fmt: skip
_LACK_IS_WORSE: Mapping[Dimension, tuple[str, ...]] = {"social": ("*_kind_*",), "breadth": ("days_*_kind_*",)}
"""Features of a single kind that have a wrong side: who has just chatted, or chats more than others, is not alone."""
SYMPTOMS: Mapping[str, float] = {"rhythm": 0.05, "intensity": 0.4}
"""How much less a dimension counts when reasons are ranked, because it tells that a user fades rather than why: who
comes less does so for each cause of leaving alike."""
_UNMANAGED = 0.1
"""The same for what nobody can act upon."""


def cause_of(feature: Feature, *, missing: bool = False) -> Cause:
    """The one cause that `feature` speaks of; `missing`: when it has no value.

    Who has come too rarely for a gap or a habit has hardly begun, and cannot come less often than before.
    """
    if missing and feature.dimension == "rhythm":
        return next(cause for cause in CAUSES if cause.code == "NEWCOMER")
    rest = next(c for c in CAUSES if c.dimension == feature.dimension and not c.names)
    return next((cause for cause in causes_named(feature)), rest)


def causes_named(feature: Feature) -> list[Cause]:
    """The causes of its dimension that name `feature`: one, or none where it belongs to the rest."""
    return [c for c in CAUSES if c.dimension == feature.dimension and _any_of(feature.name, c.names)]


def worse(feature: Feature) -> Worse:
    """On which side of the norm `feature` speaks of its cause: below it, above it, or either."""
    cause = cause_of(feature).code
    if cause == "NEWCOMER":
        return "low"
    lack = _any_of(feature.name, _LACK_IS_WORSE.get(feature.dimension, ()))
    if cause == "SURROUNDINGS" or (_any_of(feature.name, _EITHER_WAY) and not lack):
        return "either"
    return "high" if _any_of(feature.name, _HIGH_IS_WORSE) else "low"


def counts(feature: Feature) -> float:
    """How much a contribution of `feature` counts when reasons are ranked, beside its dimension's own factor."""
    return 1.0 if cause_of(feature).managed else _UNMANAGED


def _any_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
