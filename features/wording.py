"""A feature's value as a sentence that a person reads."""

import math
import re

from features.define import Feature

_USUAL_CLAUSE = re.compile(r", usually (after )?\{own[^}]*\}")


def sentence(feature: Feature, value: float, own: float) -> str:
    """What `feature` says of a user with this `value`, whose usual value is `own`; either may be NaN.

    >>> from features.rhythm import RHYTHM
    >>> gap = next(feature for feature in RHYTHM if feature.name == "gap_last_days")
    >>> sentence(gap, 9.0, 2.25)
    'came back after 9 days, usually after 2.2'
    >>> sentence(gap, math.nan, math.nan)
    'no earlier login'
    """
    if math.isnan(value):
        return feature.says_missing or f"{feature.name.replace('_', ' ')}: nothing known yet"
    says = _USUAL_CLAUSE.sub("", feature.says) if math.isnan(own) else feature.says
    return _idiomatic(says.format(value=value, own=own))


def _idiomatic(text: str) -> str:
    return re.sub(r"(?<![\d.,])1 days\b", "1 day", text).replace(" 0 days ago", " today")


def plainly(feature: Feature) -> str:
    """What `feature` says of anybody, with `…` for the values.

    >>> from features.rhythm import RHYTHM
    >>> plainly(next(feature for feature in RHYTHM if feature.name == "gap_last_days"))
    'came back after … days, usually after …'
    """
    return re.sub(r"\{[^}]*\}", "…", feature.says)
