"""A feature's value as a sentence for people."""

import math
import re
from datetime import date

import numpy as np
from numpy.typing import NDArray

from features.define import Feature
from features.wording.numbers import (
    CHANGES,
    LONG_DAYS,
    OF_PRICES,
    ONCE_IN,
    as_told,
    days_as_told,
    told,
    years,
)
from features.wording.template import SAME_DAY, Template, template_of

Floats = NDArray[np.float64]
_HALF = 0.5
_WHOLE_UNITS = ("minutes", "hours")
_DATED = (
    (r"\b(the|their) last (\d+) days\b", r"\1 \2 days up to {day}"),
    (r"\bon the (login day|day of the login)\b", "on {day}"),
    (r"\bup to the login day\b", "up to {day}"),
    (r"\bbefore the login\b", "before {day}"),
    (r"^(no|nothing|less than a minute)\b(.*) so far$", r"\1\2 by {day}"),
    (r"^has received no\b(.*) so far$", r"had received no\1 by {day}"),
    (r"^came back after\b", "came back on {day} after"),
    (r"^the last absence was\b", "the absence before {day} was"),
    (r"(?<!\babsence )before the last one\b", "before {day}"),
    (r"\bby the login day\b", "by {day}"),
    (r"\bso far\b", "up to {day}"),
    (r"\bin all\b", "in all up to {day}"),
    (r"^has stood\b", "on {day}, had stood"),
    (r"\bhave gone silent\b", "had gone silent by {day}"),
)
"""Words of a sentence that is read on the day of the login, and those for it when it is read later."""
_SAME_LATER = re.compile(
    "has |pays |the absence before the last one |on average |the time between "
    "|.* come (on|at|a little|mostly|nearly) |.* were on weekends$"
    "|.* on \\S+ of the [^,;]+$|.* between the last two |.*: nothing known yet$"
)
"""Sentences that stay true as long as the user does not come."""


def sentence(
    feature: Feature, value: float, usual: float, peers: float = math.nan, day: date | None = None
) -> str:
    """The sentence of `feature` for a user with `value` and the usual value `usual`; either may be NaN.

    `peers`: the usual value of peers; NaN: left out. `day`: the day that the value is of, if it is not that on which
    the sentence is read.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> gap = next(feature for feature in RHYTHM if feature.name == "gap_last_days")
    >>> sentence(gap, 9.0, 2.25)
    'came back after 9 days, usually after 2.2 days'
    >>> sentence(gap, math.nan, math.nan)
    'has come only once'
    >>> sentence(gap, 9.0, 2.25, 3.8, date(2024, 3, 18))
    'came back on 18 March after 9 days, usually after 2.2 days; peers on average 3.8 days'
    >>> days = next(feature for feature in RHYTHM if feature.name == "login_days_7d")
    >>> sentence(days, 1.0, 3.5, 2.8, date(2024, 3, 18))
    'came on 1 day in the 7 days up to 18 March, usually on 3.5; peers on average 2.8'
    """
    said, usual_one = _of_user(feature, value, usual)
    return (said if day is None else _as_of(said, day)) + usual_one + _of_peers(feature, value, peers)


def _as_of(said: str, day: date) -> str:
    """The sentence `said` of a login, when it is read after the `day` of the login: it names that day once at most."""
    named, told = f"{day.day} {day:%B}", said
    for read_then, read_later in _DATED:
        later = re.sub(read_then, read_later.format(day=named), told, count=1)
        if later != told and named in later:
            return re.sub(r"\b(the|their) last (\d+) days", r"\1 \2 days", later)
        told = later
    return told if told != said or _SAME_LATER.match(said) else f"up to {named}: {said}"


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
    ('had come … days in a row by the login day', 'came on … days in the last 7 days')
    """
    if feature.form == "flag":
        return feature.says
    template = template_of(feature)
    if template.before.endswith(": ") and not template.after:
        return template.things
    if not template.before and feature.form in ("count", "duration"):
        return template.after.strip()
    return f"{template.before}{template.generic}{template.after}"


def generic_sentence(feature: Feature) -> str:
    """The sentence of `feature` with `…` for the values; for a flag those of 1 and 0.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> generic_sentence(next(feature for feature in RHYTHM if feature.name == "gap_last_days"))
    'came back after … days, usually after … days'
    """
    if feature.form == "flag":
        return f"{feature.says} / {negated_sentence(feature)}"
    template = template_of(feature)
    return f"{template.before}{template.generic}{template.after}{re.sub('{own[^}]*}', '…', template.usual)}"


def as_read(feature: Feature, values: Floats) -> Floats:
    """(rows,): `values` of `feature`, or usual ones, rounded as they are compared in words; NaN stays.

    A mean has a decimal where the value counts whole things, but not of minutes and hours. A change has one, or two if
    it is one of prices: a few percent are none.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> days = next(feature for feature in RHYTHM if feature.name == "login_days_30d")
    >>> as_read(days, np.array([3.0, 3.26, 12.4])).tolist()
    [3.0, 3.3, 12.0]
    """
    template = template_of(feature)
    if feature.form == "flag":
        return np.asarray(np.round(values, 2))
    if template.is_change:
        return np.asarray(np.round(values, 2 if template.spec == OF_PRICES else 1))
    rounded = as_told(values, _spec_of_means(feature, template))
    return days_as_told(rounded) if template.counts_days else rounded


def _spec_of_means(feature: Feature, template: Template) -> str:
    return template.spec if feature.unit.startswith(_WHOLE_UNITS) else template.of_means


def _of_user(feature: Feature, value: float, usual_value: float) -> tuple[str, str]:
    """The sentence of the value, and the clause of the usual one."""
    if math.isnan(value):
        return missing_sentence(feature), ""
    if feature.form == "flag":
        return feature.says if value > _HALF else negated_sentence(feature), ""
    template = template_of(feature)
    usual = "" if math.isnan(usual_value) else template.usual_of(usual_value)
    if not _is_the_day(template, value):
        usual = usual.removesuffix(template.clock)
    if value == 0 and feature.says_zero:
        return feature.says_zero, "" if feature.form == "ratio" else usual
    return template.of(value), usual


def _of_peers(feature: Feature, value: float, peers: float) -> str:
    template = template_of(feature)
    if (
        math.isnan(value)
        or math.isnan(peers)
        or (feature.goal_value is not None and math.isnan(feature.goal_value))
    ):
        return ""  # a request that waits is wrong, however long others wait
    if feature.form == "flag":
        return f", as for {told(peers if value > _HALF else 1 - peers, '.0%')} of peers"
    if template.words is not None or (value == 0 and feature.says_zero and feature.form == "ratio"):
        return ""  # a word, or a sentence without a ratio, has nothing to compare
    if _is_the_day(template, value):
        return ""  # "received a refund today": how long ago it was for peers says nothing
    text = _mean_of_peers(feature, template, peers)
    if template.spec == OF_PRICES:  # not the peers are higher
        return f"; for peers {text}{' as before' if text.endswith(CHANGES[OF_PRICES]) else ''}"
    return f"; peers {text}"


def _is_the_day(template: Template, value: float) -> bool:
    """Whether a clock is read as a day, "today": then what it is compared with needs the word "ago" or "before"."""
    return bool(template.clock) and template.shown(value) == "0"


def _mean_of_peers(feature: Feature, template: Template, peers: float) -> str:
    text = told(peers, _spec_of_means(feature, template))
    if template.is_level:
        return text
    if template.is_change and "%" not in text:
        return f"about {text}"
    if feature.form in ("count", "duration") and (text == "0" or text.startswith("less than")):
        return "hardly any"
    if template.spec == ONCE_IN:
        return text
    if feature.form == "days_since" and peers < _HALF:
        return SAME_DAY
    if template.counts_days and feature.form != "count":
        text = years(peers) if peers >= LONG_DAYS else f"{text} {'day' if text == '1' else 'days'}"
    return f"on average {text}"
