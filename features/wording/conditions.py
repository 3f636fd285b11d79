"""A condition on a feature as a sentence: between which values it lies, in the feature's own words."""

import re
from dataclasses import dataclass

from features.define import Feature

_USUAL = re.compile(r", usually (after )?\{own[^}]*\}")
_VALUE = re.compile(r"\{value:\.\d(?P<kind>[fg%])\}|\{value:\.\d+g\}")
_FLAG = re.compile(r"^(?P<yes>.*) \(1\) or .* \(0\): \{value")
_COUNTED = 20
"""Up to so many whole things one says "4 or more", beyond "more than 40"."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What is asked of a value: above `above` and up to `to` (None: no bound); `missing`: or there is none.

    `known` False: there is none at all. `whole`: values are whole numbers.
    """

    above: float | None = None
    to: float | None = None
    missing: bool = False
    known: bool = True
    whole: bool = False


def condition(feature: Feature, asked: Interval) -> str:
    """What is `asked` of `feature`, in words.

    >>> from features.rhythm import RHYTHM
    >>> named = {feature.name: feature for feature in RHYTHM}
    >>> condition(named["login_days_7d"], Interval(to=3.0, whole=True))
    'logged in on at most 3 of the last 7 days'
    >>> condition(named["gap_mean_days"], Interval(above=3.2, missing=True))
    'on average more than 3.2 days between logins (or no earlier login)'
    """
    nothing = feature.says_missing or f"{feature.name.replace('_', ' ')}: nothing known yet"
    if not asked.known:
        return nothing
    if asked.above is None and asked.to is None:
        return f"anything but “{nothing}”"
    flag = _FLAG.match(feature.says)
    if flag and asked.whole and (asked.above == 0 or asked.to == 0):
        said = flag["yes"] if asked.above == 0 else _denied(flag["yes"])
    else:
        says = _number_first(_USUAL.sub("", feature.says))
        shown = _VALUE.search(says)
        percent = shown is not None and shown["kind"] == "%"
        said = _VALUE.sub(_bounds(asked, percent=percent), says, count=1)
        said = re.sub(r"(?<![\d.,])1 (day|time)s\b", r"1 \1", re.sub(r"^0 (?!%)", "no ", said))
    return f"{said} (or {nothing})" if asked.missing else said


def _number_first(says: str) -> str:
    """ "{value} minutes on the day" for "minutes on the day: {value}"."""
    counted = re.match(r"^(?P<things>[^(]+): (?P<value>\{value[^}]*\})$", says)
    return f"{counted['value']} {counted['things']}" if counted else says


def _denied(said: str) -> str:
    return said.replace(" is ", " is not ", 1) if " is " in said else f"not: {said}"


def _bounds(asked: Interval, *, percent: bool) -> str:
    above, to = asked.above, asked.to
    high = "" if to is None else _number(to, percent=percent)
    if above is None:
        return high if asked.whole and to == 0 else f"at most {high}"
    first = _number(above + 1, percent=percent) if asked.whole and above < _COUNTED else ""
    if to is None:
        return f"{first} or more" if first else f"more than {_number(above, percent=percent)}"
    if first:
        return first if first == high else f"{first} to {high}"
    return f"over {_number(above, percent=percent)} up to {high}"


def _number(value: float, *, percent: bool) -> str:
    return f"{100 * value:.10g} %" if percent else f"{value:,.10g}"
