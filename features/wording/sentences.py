"""A feature's value as a sentence for people."""

import math
import re
from datetime import date

from features.define import Feature
from features.wording.template import template_of

_HALF = 0.5


def sentence(
    feature: Feature, value: float, usual: float, peers: float = math.nan, day: date | None = None
) -> str:
    """The sentence of `feature` for a user with `value` and the usual value `usual`; either may be NaN.

    `peers`: the usual value of peers; NaN: left out. `day`: the day that the value is of, if it is not that on which
    the sentence is read.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> gap = next(feature for feature in RHYTHM if feature.name == "gap_last_days")
    >>> sentence(gap, 9.0, 2.25)
    'came back after 9 days, usually after 2.2'
    >>> sentence(gap, math.nan, math.nan)
    'no earlier login'
    >>> sentence(gap, 9.0, 2.25, 3.8, date(2024, 3, 18))
    'on 18 March: came back after 9 days, usually after 2.2; peers on average 3.8'
    """
    said = "" if day is None else f"on {day.day} {day:%B}: "
    return said + _of_user(feature, value, usual) + _of_peers(feature, value, peers)


def missing_sentence(feature: Feature) -> str:
    """The sentence of `feature` without a value."""
    return feature.says_missing or f"{feature.name.replace('_', ' ')}: nothing known yet"


def negated_sentence(feature: Feature) -> str:
    """The sentence of a flag that is 0."""
    return feature.says_not or f"not: {feature.says}"


def short_name(feature: Feature) -> str:
    """The label of `feature` beside a number or a chart.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> named = {feature.name: feature for feature in RHYTHM}
    >>> short_name(named["streak_days"]), short_name(named["login_days_7d"])
    ('came … days in a row', 'logged in on … of the last 7 days')
    """
    if feature.form == "flag":
        return feature.says
    template = template_of(feature)
    if template.before.endswith(": ") and not template.after:
        return template.things
    if not template.before and feature.form in ("count", "duration"):
        return template.after.strip()
    return f"{template.before}…{template.after}"


def generic_sentence(feature: Feature) -> str:
    """The sentence of `feature` with `…` for the values; for a flag those of 1 and 0.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> generic_sentence(next(feature for feature in RHYTHM if feature.name == "gap_last_days"))
    'came back after … days, usually after …'
    """
    if feature.form == "flag":
        return f"{feature.says} / {negated_sentence(feature)}"
    template = template_of(feature)
    return f"{template.before}…{template.after}{re.sub('{own[^}]*}', '…', template.usual)}"


def decimals(feature: Feature) -> int | None:
    """The decimals of the usual value of peers in words, None if it is not shown; 2 for whole percents.

    At least one decimal, since the usual value is a mean.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> decimals(next(feature for feature in RHYTHM if feature.name == "login_days_7d"))
    1
    """
    template = template_of(feature)
    if feature.form == "flag":
        return 2
    if template.decimals is None:
        return None
    return template.decimals + 2 if template.is_percentage else max(template.decimals, 1)


def _of_user(feature: Feature, value: float, usual_value: float) -> str:
    if math.isnan(value):
        return missing_sentence(feature)
    if feature.form == "flag":
        return feature.says if value > _HALF else negated_sentence(feature)
    template = template_of(feature)
    usual = "" if math.isnan(usual_value) else template.usual_of(usual_value)
    if value == 0 and feature.says_zero:
        return feature.says_zero + ("" if feature.form == "ratio" else usual)
    return template.with_value(template.shown(value)) + usual


def _of_peers(feature: Feature, value: float, peers: float) -> str:
    digits = decimals(feature)
    if math.isnan(value) or math.isnan(peers) or digits is None:
        return ""
    if value == 0 and feature.says_zero and feature.form == "ratio":
        return ""  # the sentence has no ratio to compare
    if feature.form == "flag":
        return f"; {peers if value > _HALF else 1 - peers:.0%} of peers"
    if template_of(feature).is_percentage:
        return f"; peers on average {peers:.{digits - 2}%}"
    unit = " days" if feature.form in ("days_since", "days_to") else ""
    return f"; peers on average {peers:.{digits}f}{unit}"
