"""The causes of leaving: the meaning of each, and whether the service can act on it.

Promise: each code of `features.define.Cause` occurs once, with one dimension.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.define import Cause, Dimension, Feature


@dataclass(frozen=True, slots=True)
class CauseOfLeaving:
    """A cause of leaving, shared by features of one `dimension`.

    `managed`: the service can act on it; otherwise it can only take it into account.
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
"""The factor of a dimension in the ranking of reasons. These dimensions are symptoms: every cause of leaving makes
users come less and do less."""
_UNMANAGED = 0.1
"""The factor of causes that nobody can act on."""


def cause_of(feature: Feature, *, missing: bool = False) -> CauseOfLeaving:
    """The cause that `feature` belongs to; `missing`: when it has no value.

    A user with too few logins for a gap or a habit is a newcomer, and cannot come less often than before.
    """
    return BY_CODE["NEWCOMER" if missing and feature.dimension == "rhythm" else feature.cause]


def counts(feature: Feature) -> float:
    """The factor of `feature` in the ranking of reasons, in addition to the factor of its dimension."""
    return 1.0 if cause_of(feature).managed else _UNMANAGED
