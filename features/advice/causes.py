"""The causes of leaving, in words: what each means, and whether the service can act on it.

Promise: each code of `features.define.Cause` is here once, and belongs to one dimension.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.define import Cause, Dimension, Feature


@dataclass(frozen=True, slots=True)
class CauseOfLeaving:
    """What the features of one `dimension` with this cause say of a user.

    `managed`: the service itself can act on it; else it can only take it into account.
    """

    code: Cause
    dimension: Dimension
    says: str
    managed: bool


CAUSES = (
    CauseOfLeaving("NEWCOMER", "rhythm", "has hardly begun", managed=True),
    CauseOfLeaving("NO_HABIT", "rhythm", "comes at no habitual time", managed=True),
    CauseOfLeaving("COMES_LESS", "rhythm", "comes less often than usual", managed=True),
    CauseOfLeaving("LITTLE_SO_FAR", "intensity", "has done little so far", managed=True),
    CauseOfLeaving("DOES_LESS", "intensity", "does less when here than usual", managed=True),
    CauseOfLeaving("ONBOARDING_STALLS", "progress", "does not get through the onboarding", managed=True),
    CauseOfLeaving("STUCK", "progress", "gets no further", managed=True),
    CauseOfLeaving("UNANSWERED", "social", "is written to by few", managed=True),
    CauseOfLeaving("ALONE", "social", "meets few others", managed=True),
    CauseOfLeaving("REFUNDED", "spending", "took money back", managed=True),
    CauseOfLeaving("SUBSCRIPTION_LAPSES", "spending", "the subscription has ended or is about to", managed=True),
    CauseOfLeaving("PAYS_LESS", "spending", "pays less than usual", managed=True),
    CauseOfLeaving("NARROW_USE", "breadth", "uses little of what there is", managed=True),
    CauseOfLeaving("SUPPORT_WAITS", "satisfaction", "has trouble, and support is slow", managed=True),
    CauseOfLeaving("UNHAPPY", "satisfaction", "is unhappy, or praises no more", managed=True),
    CauseOfLeaving("PRICES_ROSE", "context", "pays more in their own currency", managed=True),
    CauseOfLeaving("CALENDAR", "context", "a matter of the day", managed=False),
    CauseOfLeaving("SERVICE_FADES", "context", "the whole service is quieter", managed=False),
    CauseOfLeaving("SURROUNDINGS", "context", "who and where they are", managed=False),
)  # fmt: skip

BY_CODE: Mapping[str, CauseOfLeaving] = {cause.code: cause for cause in CAUSES}
SYMPTOMS: Mapping[str, float] = {"rhythm": 0.05, "intensity": 0.4}
"""How much less a dimension counts when reasons are ranked, because it tells that a user fades rather than why: who
comes less does so for each cause of leaving alike."""
_UNMANAGED = 0.1
"""The same for what nobody can act upon."""


def cause_of(feature: Feature, *, missing: bool = False) -> CauseOfLeaving:
    """The cause that `feature` speaks of; `missing`: when it has no value.

    Who has come too rarely for a gap or a habit has hardly begun, and cannot come less often than before.
    """
    return BY_CODE["NEWCOMER" if missing and feature.dimension == "rhythm" else feature.cause]


def counts(feature: Feature) -> float:
    """How much a contribution of `feature` counts when reasons are ranked, beside its dimension's own factor."""
    return 1.0 if cause_of(feature).managed else _UNMANAGED
