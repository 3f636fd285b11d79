"""A feature's value as a sentence that a person reads."""

import math
import re

from features.define import Feature

_USUAL_CLAUSE = re.compile(r", usually (after )?\{own[^}]*\}")


_VALUE = re.compile(r"\{value:\.(\d)([f%])\}")
_LEAST_POINTS = 0.05  # percentage points, which would read as 0.0


def sentence(
    feature: Feature, value: float, own: float, peers: float = math.nan, points: float = math.nan
) -> str:
    """What `feature` says of a user with this `value`, whose usual value is `own`; either may be NaN.

    `peers`: what is usual among peers; `points`: by how much the probability rises for it; NaN: not said.

    >>> from features.rhythm import RHYTHM
    >>> gap = next(feature for feature in RHYTHM if feature.name == "gap_last_days")
    >>> sentence(gap, 9.0, 2.25)
    'came back after 9 days, usually after 2.2'
    >>> sentence(gap, math.nan, math.nan)
    'no earlier login'
    >>> sentence(gap, 9.0, 2.25, 3.8, 0.11)
    'came back after 9 days, usually after 2.2; peers 3.8: +11 points of risk'
    """
    if math.isnan(value):
        says, peers = feature.says_missing or f"{feature.name.replace('_', ' ')}: nothing known yet", math.nan
    else:
        says = _USUAL_CLAUSE.sub("", feature.says) if math.isnan(own) else feature.says
        says = _idiomatic(says.format(value=value, own=own))
    return says + _of_peers(feature, peers) + _of_points(points)


def label(feature: Feature) -> str:
    """What `feature` is called beside a number or a picture.

    >>> from features.rhythm import RHYTHM
    >>> named = {feature.name: feature for feature in RHYTHM}
    >>> label(named["streak_days"]), label(named["login_days_7d"])
    ('login days in a row', 'logged in on … of the last 7 days')
    """
    says = _USUAL_CLAUSE.sub("", feature.says)
    return re.sub(r"\{[^}]*\}", "…", re.sub(r"( \(1\) or .* \(0\))?: \{value[^}]*\}$", "", says))


def decimals(feature: Feature) -> int | None:
    """The decimals with which peers' usual value is told, None where it is not told; 2 for whole percents.

    >>> from features.rhythm import RHYTHM
    >>> decimals(next(feature for feature in RHYTHM if feature.name == "login_days_7d"))
    1
    """
    shown = _VALUE.search(feature.says)
    if not shown:
        return None
    return max(int(shown[1]), 1) if shown[2] == "f" else int(shown[1]) + 2


def _of_peers(feature: Feature, peers: float) -> str:
    """With a decimal more than a whole number has: what is usual is a mean."""
    shown, digits = _VALUE.search(feature.says), decimals(feature)
    if math.isnan(peers) or not shown or digits is None:
        return ""
    return f"; peers {peers:.{digits if shown[2] == 'f' else digits - 2}{shown[2]}}"


def _of_points(points: float) -> str:
    """`points` as percentage points, whole from 1 on.

    >>> _of_points(0.11), _of_points(0.012), _of_points(0.0002)
    (': +11 points of risk', ': +1 point of risk', '')
    """
    percent = 100 * points
    if not percent >= _LEAST_POINTS:
        return ""
    shown = f"{percent:.0f}" if percent >= 1 else f"{percent:.1f}"
    return f": +{shown} point{'' if shown == '1' else 's'} of risk"


def _idiomatic(text: str) -> str:
    return re.sub(r"(?<![\d.,])1 days\b", "1 day", text).replace(" 0 days ago", " today")


def plainly(feature: Feature) -> str:
    """What `feature` says of anybody, with `…` for the values.

    >>> from features.rhythm import RHYTHM
    >>> plainly(next(feature for feature in RHYTHM if feature.name == "gap_last_days"))
    'came back after … days, usually after …'
    """
    return re.sub(r"\{[^}]*\}", "…", feature.says)
