"""A condition on a feature as a sentence: the bounds of its value, in the feature's words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from features.define import Feature
from features.wording.numbers import LEVELS, level
from features.wording.sentences import missing_sentence, negated_sentence
from features.wording.template import Template, template_of

_TWO = 2.0  # whole numbers between the bounds
_COUNTED = 20
"""Below this number of whole things the words are "4 or more", from it on "more than 40"."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The interval of a value: above `above` and up to `to` (None: no bound); `missing`: or without a value.

    `known` False: only without a value. `whole`: values are whole numbers.
    """

    above: float | None = None
    to: float | None = None
    missing: bool = False
    known: bool = True
    whole: bool = False


def condition(feature: Feature, interval: Interval) -> str:
    """The condition that the value of `feature` is in `interval`, in words.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> named = {feature.name: feature for feature in RHYTHM}
    >>> condition(named["login_days_7d"], Interval(to=3.0, whole=True))
    'came on at most 3 days in the last 7 days'
    >>> condition(named["gap_mean_days"], Interval(above=3.2, missing=True))
    'on average more than 3.2 days between visits, or has come only once'
    """
    nothing = missing_sentence(feature)
    if not interval.known:
        return nothing
    if interval.above is None and interval.to is None:
        return f"anything but “{nothing}”"
    if feature.form == "flag":
        text = feature.says if interval.above is not None else negated_sentence(feature)
    else:
        text = _with_bounds(feature, interval)
    return f"{text}, or {nothing}" if interval.missing else text


def _with_bounds(feature: Feature, interval: Interval) -> str:
    """The number comes first where things are listed: "5 events in all" for "events in all: 5"."""
    template = template_of(feature)
    if template.words is not None:
        return template.with_value(_words(template.words, interval))
    if template.is_level:
        return template.with_value(_levels(template, interval))
    if template.is_listed and feature.form == "count":
        template = replace(template, before="", after=f" {template.things}")
    bounds = _bounds(interval, template)
    if template.is_change:
        return template.with_value(template.times(bounds))
    return feature.says_zero if bounds == "0" and feature.says_zero else template.with_value(bounds)


def _words(words: Mapping[int, str], interval: Interval) -> str:
    """The words for the values in `interval`: "Saturday or Sunday"."""
    above = -math.inf if interval.above is None else interval.above
    to = math.inf if interval.to is None else interval.to
    return (
        " or ".join(word for value, word in words.items() if above < value <= to) or "none of the known ones"
    )


def _levels(template: Template, interval: Interval) -> str:
    """The words for the positions in `interval`; those at its ends may lie partly outside."""
    lowest = 0.0 if interval.above is None else interval.above
    highest = 1.0 if interval.to is None else interval.to
    words = list(LEVELS[template.spec].values())
    return " or ".join(words[level(lowest, template.spec) : level(highest, template.spec) + 1])


def _bounds(interval: Interval, template: Template) -> str:
    above, to = interval.above, interval.to
    high = "" if to is None else template.bound(to)
    if above is None:
        return high if interval.whole and to == 0 else f"at most {high}"
    first = template.bound(above + 1) if interval.whole and above < _COUNTED else ""
    if to is None:
        return f"{first} or more" if first else f"more than {template.bound(above)}"
    if first:
        if first == high:
            return first
        return f"{first} {'or' if to - above == _TWO else 'to'} {high}"
    return f"over {template.bound(above)} up to {high}"
