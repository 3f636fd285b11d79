"""The causes of leaving: the meaning of each, and whether the service can act on it.

Promise: each code of `features.define.Cause` occurs once, with one dimension.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.define import Cause, Dimension, Feature, Form
from features.totals import totals_of


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
    CauseOfLeaving("NEWCOMER", "rhythm", "has come only a few times", managed=True),
    CauseOfLeaving("NO_HABIT", "rhythm", "has no regular time of visit", managed=True),
    CauseOfLeaving("COMES_LESS", "rhythm", "comes seldom, or less often than usual", managed=True),
    CauseOfLeaving("LITTLE_SO_FAR", "intensity", "has done little so far", managed=True),
    CauseOfLeaving("DOES_LESS", "intensity", "does little, or less than usual", managed=True),
    CauseOfLeaving("ONBOARDING_STALLS", "progress", "does not get through the onboarding", managed=True),
    CauseOfLeaving("STUCK", "progress", "makes no progress", managed=True),
    CauseOfLeaving("UNANSWERED", "social", "hears little from others", managed=True),
    CauseOfLeaving("ALONE", "social", "has few contacts with others", managed=True),
    CauseOfLeaving("REFUNDED", "spending", "received a refund", managed=True),
    CauseOfLeaving("SUBSCRIPTION_LAPSES", "spending", "the subscription has ended or is about to", managed=True),
    CauseOfLeaving("PAYS_LESS", "spending", "pays little, or less than usual", managed=True),
    CauseOfLeaving("NARROW_USE", "breadth", "uses little of what there is", managed=True),
    CauseOfLeaving("SUPPORT_WAITS", "satisfaction", "needs help from support", managed=True),
    CauseOfLeaving("UNHAPPY", "satisfaction", "is unhappy, or has stopped giving praise", managed=True),
    CauseOfLeaving("PRICES_ROSE", "context", "prices rose in the user's currency", managed=True),
    CauseOfLeaving("CALENDAR", "context", "the day itself: a weekday, holiday or season", managed=False),
    CauseOfLeaving("SERVICE_FADES", "context", "fewer users come to the whole service", managed=False),
    CauseOfLeaving("SURROUNDINGS", "context", "circumstances of the user, such as the country", managed=False),
)  # fmt: skip

BY_CODE: Mapping[str, CauseOfLeaving] = {cause.code: cause for cause in CAUSES}
SYMPTOMS: Mapping[str, float] = {"rhythm": 0.05, "intensity": 0.4}
"""The factor of a dimension in the ranking of reasons. These dimensions are symptoms: every cause of leaving makes
users come less and do less."""
RHYTHM_FROM = 3
"""Logins from which on a user has a rhythm: before there is one time between two logins at most."""
_UNMANAGED = 0.1
"""The factor of causes that nobody can act on."""
_AMOUNTS = frozenset[Form]({"count", "duration", "money"})


_OF_NEWCOMERS: Mapping[Dimension, Cause] = {"rhythm": "NEWCOMER", "intensity": "LITTLE_SO_FAR"}
"""The causes of users who have no usual yet: they cannot come or do less than before."""


def cause_of(feature: Feature, *, missing: bool = False, newcomer: bool = False) -> CauseOfLeaving:
    """The cause that `feature` belongs to; `missing`: when it has no value; `newcomer`: for a newcomer.

    A user with too few logins for a gap or a habit is a newcomer, and cannot come less often than before.
    """
    if newcomer:
        return BY_CODE[_OF_NEWCOMERS.get(BY_CODE[feature.cause].dimension, feature.cause)]
    return BY_CODE["NEWCOMER" if missing and feature.dimension == "rhythm" else feature.cause]


def counts(feature: Feature, *, has_rhythm: bool) -> float:
    """The factor of `feature` in the ranking of reasons, in addition to the factor of its dimension.

    `has_rhythm`: the user has come `RHYTHM_FROM` times or more. Then an amount of several days falls with the number of
    visits, whatever the cause, so together the two factors are that of the rhythm. What a user does in a visit, and in
    which shares, shows the cause.
    """
    factor = 1.0 if cause_of(feature).managed else _UNMANAGED
    if has_rhythm and _adds_up_visits(feature):
        factor *= SYMPTOMS["rhythm"] / SYMPTOMS.get(feature.dimension, 1.0)
    return factor


def _adds_up_visits(feature: Feature) -> bool:
    """Whether `feature` is an amount over several days, which is worse when it is small."""
    totals = totals_of(feature.value)
    over_days = bool(totals) and all(total.days > 0 for total in totals)
    return feature.form in _AMOUNTS and feature.worse == "low" and over_days
