"""A number as it is read, by the format that a sentence gives it.

A format is one of Python's (`.1f`, `.0%`), a currency (`EUR`), or one of these names: of `WORDS`, `LEVELS`, `CHANGES`,
`SCALES`, `ONCE_IN`, or `DURATION`. Promise: `as_told` rounds numbers so that two are equal if and only if they read
alike.
"""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WORDS: Mapping[str, Mapping[int, str]] = {
    "weekday": {
        1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday",
    },
    "opinion": {-1: "did not recommend", 0: "was undecided about", 1: "recommended"},
}  # fmt: skip
"""By format the words for whole values."""
LEVELS: Mapping[str, Mapping[float, str]] = {
    "weekdays": {
        0.2: "on no particular weekday", 0.45: "a little more often on some weekdays", 0.75: "mostly on some weekdays",
        1.0: "nearly always on the same weekday",
    },
    "hours": {
        0.2: "at no particular hour", 0.45: "a little more often at some hours", 0.75: "mostly around the same hours",
        1.0: "nearly always at the same hour",
    },
    "variety": {
        0.2: "many different things", 0.35: "several different things", 0.6: "few different things",
        0.95: "mostly one thing", 1.0: "only one thing",
    },
}  # fmt: skip
"""By format the words for a position from 0 to 1, each up to a value. The position itself means nothing to a reader."""
CHANGES: Mapping[str, str] = {
    "more|fewer": "as many", "more|less": "as much", "more often|less often": "as often", "longer|shorter": "as long",
    "higher|lower": "as high", "larger|smaller": "as large", "busier|quieter": "as busy",
}  # fmt: skip
"""By format of a ratio (the words above 1, and below) the words for 1: then " as " stands instead of " than "."""
OF_PRICES = "higher|lower"
"""The format of a ratio of prices."""
SCALES: Mapping[str, float] = {"of 30": 30.0}
"""By format what a number is multiplied by: 0.2 a day is 6 in 30 days."""
ONCE_IN = "once in"
"""The format of a number of times in 30 days that is read as the days from one time to the next."""
DURATION = "hours or days"
"""The format of a number of hours that is read in days when it is long."""
HOURS_OF_A_DAY = 24
LONG_HOURS = 36
"""From more hours on a duration is read in days."""
LONG_DAYS = 700
"""From so many days on a time is read in years."""
_DAYS_OF_A_YEAR = 365.25
_MONTHS_FROM, _DAYS_OF_A_MONTH = 60, 30.44
_DAYS, _NEVER = 30.0, 1e-6  # times in 30 days, below which a number is 0
_LEAST_SCALED = 0.95  # a smaller one is "less than 1"
_WHOLE_FROM, _MONEY_WHOLE_FROM = 10, 100  # from here on there are no decimals
_TIMES_FROM = 2.0  # from here on a change is told as "2.5 times as many", not as "150% more"
_CURRENCY = re.compile("[A-Z]{3}")


def is_currency(spec: str) -> bool:
    """Whether `spec` is a currency."""
    return _CURRENCY.fullmatch(spec) is not None


def told(value: float, spec: str) -> str:
    """`value` as it is read by the format `spec`. What would be rounded to 0 is "less than" the smallest amount.

    >>> told(2.25, ".1f"), told(2973.4, ".1f"), told(7.0, ".1f"), told(0.01, ".1f")
    ('2.2', '2,973', '7', 'less than 0.1')
    >>> told(12.5, "EUR"), told(1321.4, "EUR"), told(0.2, "of 30"), told(0.1, "once in"), told(0.3, "weekdays")
    ('EUR 12.50', 'EUR 1,321', '6', 'every 300 days', 'a little more often on some weekdays')
    >>> told(30, "hours or days"), told(281, "hours or days"), told(0.02, "once in")
    ('30 hours', '12 days', 'every 4.1 years')
    """
    if spec in WORDS:
        return WORDS[spec].get(round(value), f"{value:g}")
    if spec in LEVELS:
        return list(LEVELS[spec].values())[level(value, spec)]
    if spec in CHANGES:
        return _change(value, spec)
    if spec == DURATION:
        return _duration(value)
    return _once_in(value) if spec == ONCE_IN else _amount(value, spec)


def level(value: float, spec: str) -> int:
    """The position of the words for `value` among those of the `LEVELS` of `spec`."""
    bounds = list(LEVELS[spec])
    return min(int(np.searchsorted(bounds, value)), len(bounds) - 1)


def as_told(values: Floats, spec: str) -> Floats:
    """(rows,): `values` rounded as `told` rounds them by the format `spec`, NaN where a value is.

    Those of `LEVELS` become the position of their words. `WORDS` and `CHANGES` are not rounded.
    """
    if spec in LEVELS:
        bounds = np.array(list(LEVELS[spec]))
        position = np.minimum(np.searchsorted(bounds, values), len(bounds) - 1).astype(np.float64)
        return np.where(np.isnan(values), np.nan, position)
    if spec == ONCE_IN:
        apart = np.maximum(np.round(_DAYS / np.maximum(values, _NEVER)), 1.0)
        return np.where(values < _NEVER, 0.0, _DAYS / days_as_told(apart))
    if spec == DURATION:
        unit = np.where(values > LONG_HOURS, float(HOURS_OF_A_DAY), 1.0)
        return np.asarray(np.round(values / unit) * unit)
    scale = SCALES.get(spec, 1.0)
    if spec.endswith("%"):
        return np.asarray(np.round(values, int(spec[1:-1]) + 2))
    if spec in SCALES or is_currency(spec) or spec.endswith("f"):
        money = is_currency(spec)
        digits = 2 if money else 1 if spec in SCALES else int(spec[1:-1])
        whole_from = _MONEY_WHOLE_FROM if money else _WHOLE_FROM
        scaled = scale * values
        rounded = np.where(abs(scaled) >= whole_from, np.round(scaled), np.round(scaled, digits))
        if spec in SCALES:
            rounded = np.where((scaled > 0) & (scaled < _LEAST_SCALED), _LEAST_SCALED / 2, rounded)
        return np.asarray(rounded / scale)
    return values


def years(days: float) -> str:
    """A time of LONG_DAYS `days` or more as it is read.

    >>> years(1967), years(730.5), years(4320)
    ('5.4 years', '2 years', '12 years')
    """
    return f"{_without_zero(_number(days / _DAYS_OF_A_YEAR, 1, _WHOLE_FROM))} years"


def long_time(days: float) -> str:
    """A time as a person says it: from two months on in months, from LONG_DAYS on in years.

    >>> long_time(9), long_time(96), long_time(1967)
    ('9 days', '3 months', '5.4 years')
    """
    if days >= LONG_DAYS:
        return years(days)
    if days >= _MONTHS_FROM:
        return f"{days / _DAYS_OF_A_MONTH:.0f} months"
    return f"{days:.0f} {'day' if round(days) == 1 else 'days'}"


def days_as_told(days: Floats) -> Floats:
    """(rows,): `days`, rounded as `years` reads them where they are a long time."""
    in_years = days / _DAYS_OF_A_YEAR
    rounded = np.where(in_years >= _WHOLE_FROM, np.round(in_years), np.round(in_years, 1))
    return np.where(days >= LONG_DAYS, rounded * _DAYS_OF_A_YEAR, days)


class Number:
    """A number that Python's `str.format` writes as it is `told`."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __format__(self, spec: str) -> str:
        return told(self.value, spec)


def _amount(value: float, spec: str) -> str:
    if is_currency(spec):
        return f"{spec} {_number(value, 2, _MONEY_WHOLE_FROM)}"
    if spec in SCALES:
        scaled = SCALES[spec] * value
        return "less than 1" if 0 < scaled < _LEAST_SCALED else _without_zero(_number(scaled, 1, _WHOLE_FROM))
    if spec.endswith("%"):
        text = format(value, spec)
        return (
            "less than 1%" if value > 0 and not re.search("[1-9]|inf|nan", text) else text.removeprefix("-")
        )
    return (
        _without_zero(_number(value, int(spec[1:-1]), _WHOLE_FROM))
        if spec.endswith("f")
        else format(value, spec)
    )


def _number(value: float, digits: int, whole_from: float) -> str:
    text = f"{value:,.{0 if abs(value) >= whole_from else digits}f}"
    if re.search("[1-9]|inf|nan", text):
        return text
    return f"less than {10.0**-digits:.{digits}f}" if value > 0 else text.removeprefix("-")


def _without_zero(text: str) -> str:
    """ "7" for "7.0"."""
    return re.sub(r"\.0+$", "", text)


def _duration(hours: float) -> str:
    if hours > LONG_HOURS:
        return f"{hours / HOURS_OF_A_DAY:,.0f} days"
    return "1 hour" if round(hours) == 1 else f"{hours:.0f} hours"


def _once_in(times: float) -> str:
    if times < _NEVER:
        return "never"
    days = round(_DAYS / times)
    if days >= LONG_DAYS:
        return f"every {years(days)}"
    return f"every {days} days" if days > 1 else "every day"


def _change(ratio: float, spec: str) -> str:
    if ratio >= _TIMES_FROM:
        times = _without_zero(_number(ratio, 1, _WHOLE_FROM))
        return f"{'twice' if times == '2' else f'{times} times'} {CHANGES[spec]}"
    more, fewer = spec.split("|")
    change = round(100 * (ratio - 1))
    if change == 0:
        return CHANGES[spec]
    if change == -100:
        return f"over 99% {fewer}" if ratio > 0 else f"100% {fewer}"
    return f"{abs(change):,}% {more if change > 0 else fewer}"
