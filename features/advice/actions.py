"""Actions: what can be done from now on for a better value of a feature, in words and in whole amounts.

Promise: an action follows from the fields and the expression of a feature, so every feature of a family has one. The
past cannot be changed: a total can only grow, and a day that has ended stays as it was.
"""

import math
from dataclasses import dataclass
from string import Formatter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.define import Feature, Form
from features.totals import totals_of
from features.wording.numbers import DURATION, HOURS_OF_A_DAY, LONG_HOURS, as_told, is_currency, told
from features.wording.template import template_of

Floats = NDArray[np.float64]
_PROBE = [0, 1, 3, 600]
_FROM_THEN = {7: "within a week", 30: "within a month"}
_WHEN = {7: "this week", 14: "within 2 weeks", 30: "this month", 60: "within 2 months", 90: "within 3 months"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ALMOST = 0.005
_LARGE = 20  # below this, an amount other than a count has decimals
_LEAST_MINUTES = 5.0  # nobody is asked for one more minute


_WHOLE_FORMS = frozenset[Form]({"count", "score", "flag", "days_since", "days_to"})


@dataclass(frozen=True, slots=True)
class PlainTotal:
    """The plain total of `measure` over `days` days (infinite: the lifetime), times `factor`."""

    measure: str
    days: float
    factor: float


class _More:
    """The amount: `{more:day|days}` is "one more day" or "12 more days", `{more:|}` "EUR 4.50 more".

    `afresh`: without "more".
    """

    def __init__(self, amount: str, *, one: bool, afresh: bool = False) -> None:
        self.amount, self.one, self.afresh = amount, one, afresh

    def __format__(self, words: str) -> str:
        singular, _, plural = words.partition("|")
        more = "more" if words and not self.afresh else ""
        if self.one and singular == "time" and not more:
            return "once"
        return " ".join(word for word in (self.amount, more, singular if self.one else plural) if word)


@dataclass(frozen=True, slots=True)
class Action:
    """The action for `feature`.

    `words` may name {more}, {more:ONE|SEVERAL}, {when}, {again}, {target} and {now}. `days`: the days to do it in,
    infinite for any time. `digits`: of an amount in words. `whole`: it counts things, not minutes or money.
    `currency`: of an amount of money.
    """

    feature: Feature
    words: str
    days: float
    digits: int
    whole: bool
    currency: str = ""

    def in_words(self, now: float, target: float, *, afresh: bool = False) -> str:
        """The action that leads from `now` (NaN: never so far) to `target`.

        `afresh`: the days start with the next login, so all of the target is still to be done.

        >>> from features.catalogue.rhythm import RHYTHM
        >>> week = action_for(next(feature for feature in RHYTHM if feature.name == "login_days_7d"))
        >>> week.in_words(1.0, 3.0), week.in_words(1.0, 2.0)
        ('come on two more days this week', 'come on one more day this week')
        >>> week.in_words(1.0, 3.0, afresh=True)
        'come on three days within a week'
        """
        afresh = afresh and math.isfinite(self.days)
        more = target - (0.0 if afresh or math.isnan(now) else now)
        return self.words.format(
            more=_More(self.amount(more), one=abs(more - 1) < _ALMOST, afresh=afresh),
            when=_FROM_THEN.get(int(self.days), self._when) if afresh else self._when,
            again="" if math.isnan(now) else " again",
            target=self._value(target),
            now=self._value(now),
        ).strip()

    @property
    def generic_words(self) -> str:
        """The action for anybody, with `…` for the values."""
        return self.words.format(
            more=_More("…", one=False), target="…", now="…", again="", when=self._when
        ).strip()

    @property
    def names_target(self) -> bool:
        """Whether the words name the target value instead of an additional amount."""
        return any(field == "target" for _, field, _, _ in Formatter().parse(self.words))

    @property
    def _when(self) -> str:
        return _WHEN.get(int(self.days), f"within {self.days:.0f} days") if math.isfinite(self.days) else ""

    def amount(self, value: float) -> str:
        """`value` in words: "three", "12", "30" minutes, "EUR 4.50", "EUR 604"."""
        if self.whole and 0 <= value < len(_NUMBERS) - 0.5:
            return _NUMBERS[round(value)]
        number = f"{value:,.{0 if value >= _LARGE else self.digits}f}"
        return f"{self.currency} {number}" if self.currency else number

    def coarsely(self, size: Floats) -> Floats:
        """(rows,): the step to which an amount of `size` (0 or more) is rounded.

        1 or 5 times a power of ten, at most a third of `size`, and at least the last decimal in words. 1 for counts.
        For hours whole days beyond a day and a half, and for minutes five at least.
        """
        if self.whole:
            return np.ones_like(size)
        third = np.maximum(size / 3, 10.0**-self.digits)
        power = 10.0 ** np.floor(np.log10(third) + 1e-9)
        nice = np.where(third >= 5 * power, 5.0, 1.0) * power
        if self.feature.unit == "hours":
            return np.where(size > LONG_HOURS, HOURS_OF_A_DAY, np.maximum(nice, 1.0))
        return np.maximum(nice, _LEAST_MINUTES) if self.feature.unit == "minutes" else nice

    def as_read(self, values: Floats) -> Floats:
        """(rows,): `values` rounded as in words: a change that disappears by rounding is no action."""
        if self.feature.unit == "hours":
            return as_told(values, DURATION)
        unit = 10.0**-self.digits
        return np.asarray(np.round(values / unit) * unit)

    def _value(self, value: float) -> str:
        if self.feature.unit == "hours":
            return told(value, DURATION)
        if self.currency:
            return self.amount(value)
        return f"{100 * value + 0.0:.0f}%" if self.feature.form == "share" else f"{value:,.{self.digits}f}"


def action_for(feature: Feature) -> Action | None:
    """The action for `feature`; None if nobody can act on it alone.

    >>> from features.catalogue.progress import progress
    >>> action_for(next(feature for feature in progress({}) if feature.name == "goals_30d")).words
    'reach {more:goal|goals} {when}'
    """
    if not feature.actionable or not feature.goal:
        return None
    total, (_, window), template = total_of(feature), shape_of(feature), template_of(feature)
    digits = (template.decimals or 0) + 2 * template.is_percentage
    days = total.days if total else window or math.inf
    currency = template.spec if is_currency(template.spec) else ""
    return Action(feature, feature.goal, days, digits, feature.form in _WHOLE_FORMS, currency)


def total_of(feature: Feature) -> PlainTotal | None:
    """The total that `feature` equals, by its expression; None if it is anything else.

    >>> from features.catalogue.intensity import INTENSITY
    >>> total_of(next(feature for feature in INTENSITY if feature.name == "sessions_7d"))
    PlainTotal(measure='sessions', days=7, factor=1.0)
    """
    totals = set(totals_of(feature.value))
    if len(totals) != 1:
        return None
    total = totals.pop()
    days = math.inf if total.window == "life" else total.days
    if not days:
        return None
    probed = (
        pl.DataFrame({total.column: _PROBE}).select(feature.value.cast(pl.Float64)).to_series().to_numpy()
    )
    factor = float(probed[1])
    plain = factor > 0 and np.allclose(probed, factor * np.array(_PROBE))
    return PlainTotal(total.measure, days, factor) if plain else None


def since_of(feature: Feature) -> str | None:
    """The measure whose days since its last occurrence `feature` equals; None if it is anything else."""
    total = totals_of(feature.value)[0] if feature.value.meta.is_column() else None
    return total.measure if total is not None and total.window == "since" else None


def shape_of(feature: Feature) -> tuple[str, int]:
    """The expression of `feature` without its window, and the window's days; 0 if it has none or several.

    Features of one shape differ only in the window.
    """
    totals = set(totals_of(feature.value))
    days = {total.days for total in totals}
    if len(days) != 1 or days == {0}:
        return feature.name, 0
    shape = str(feature.value)
    for total in totals:
        shape = shape.replace(total.column, f"{total.measure}@")
    return shape, days.pop()
