"""The pieces of a feature's sentence. Promise: only this module parses a sentence.

A sentence is text around one `{value:…}`. A last clause after a comma, with `{own:…}`, gives the user's usual value.
The formats of a value are those of `features.wording.numbers`. After a change, "50% fewer", the sentence goes on with
" than ".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from string import Formatter

from features.define import Feature
from features.wording.numbers import (
    CHANGES,
    DURATION,
    LEVELS,
    LONG_DAYS,
    ONCE_IN,
    SCALES,
    WORDS,
    Number,
    is_currency,
    told,
    years,
)

_AGO, _BEFORE, _AHEAD, _TIMES = " days ago", " days before the login", " days", " times"
_DAYS = re.compile(r" days\b")
_OWN_DAYS = re.compile(r"\{own:[^}]*\} days")
_ONE_DAY, _ONE_TIME = re.compile(r"(?<![\d.,])1 days\b"), re.compile(r"(?<![\d.,])1 times\b")
_DAY_OF_LOGIN = "on the day of the login"
SAME_DAY = "the same day"
"""What is said of an average time of less than half a day."""
_SEVERAL = re.compile(r"^( different| new)? (people|\w{3,}s)\b(?! (?:as|the|those) )")
_DIFFERENT = " different"


@dataclass(frozen=True, slots=True)
class Template:
    """The text `before` and `after` the value, the value's format `spec`, and the clause of the `usual` value."""

    before: str
    spec: str
    after: str
    usual: str

    @property
    def clock(self) -> str:
        """What follows a number of days of the value's clock: " ago", " before", or nothing."""
        return " ago" if self.after.startswith(_AGO) else " before" if self.after.startswith(_BEFORE) else ""

    @property
    def counts_days(self) -> bool:
        """Whether the value is a number of days, which is read in years if it is large."""
        return self.spec.endswith("f") and bool(_DAYS.match(self.after))

    @property
    def is_percentage(self) -> bool:
        """Whether the value is shown as a percentage."""
        return self.spec.endswith("%")

    @property
    def words(self) -> Mapping[int, str] | None:
        """The words for the value; None: it is shown as a number."""
        return WORDS.get(self.spec)

    @property
    def is_change(self) -> bool:
        """Whether the value is a ratio that is shown as a change."""
        return self.spec in CHANGES

    @property
    def is_level(self) -> bool:
        """Whether the value is a position that is read as words: its bounds mean nothing to a reader."""
        return self.spec in LEVELS

    @property
    def generic(self) -> str:
        """What stands for any value."""
        if self.is_change:
            return f"…% {self.spec.replace('|', ' or ')}"
        if is_currency(self.spec):
            return f"{self.spec} …"
        return "every … days" if self.spec == ONCE_IN else "…"

    @property
    def decimals(self) -> int | None:
        """The decimals of the shown value, of the percentage if it is one; None if they vary."""
        if self.is_change or is_currency(self.spec):
            return 2
        return int(self.spec[1:-1]) if self.spec.endswith(("f", "%")) else None

    @property
    def of_means(self) -> str:
        """The format of a mean: it has a decimal where the value counts whole things."""
        return ".1f" if self.spec == ".0f" else self.spec

    @property
    def is_listed(self) -> bool:
        """Whether the sentence names things and then their number: "logins so far: 12"."""
        return self.before.endswith(": ") and not self.after and "(" not in self.before

    @property
    def things(self) -> str:
        """The things that such a sentence counts: "logins so far"."""
        return self.before.removesuffix(": ")

    def shown(self, value: float) -> str:
        """`value` as it is read."""
        return told(value, self.spec)

    def bound(self, value: float) -> str:
        """`value` as the bound of a condition, with all of its decimals."""
        if self.spec in {ONCE_IN, DURATION}:
            return told(value, self.spec)
        if self.is_percentage:
            return f"{100 * value:.10g}%"
        number = f"{SCALES.get(self.spec, 1.0) * value:,.10g}"
        return f"{self.spec} {number}" if is_currency(self.spec) else number

    def of(self, value: float) -> str:
        """The sentence with `value` as it is read, without the usual value."""
        if self.counts_days and value >= LONG_DAYS:
            return replace(self, after=_DAYS.sub("", self.after, count=1)).with_value(years(value))
        return self.with_value(self.shown(value))

    def usual_of(self, own: float) -> str:
        """The clause of the usual value `own`."""
        clause = _OWN_DAYS.sub(years(own), self.usual) if own >= LONG_DAYS else self.usual
        clause = clause.format(own=Number(own))
        if self.clock:
            clause = re.sub(r"(?<= )(less than 0\.1|0|0\.[1-4]) days (ago|before)", SAME_DAY, clause)
            clause = re.sub(r"(?<= )0\.\d days", "less than a day", clause)
        return _ONE_TIME.sub("once", _ONE_DAY.sub("1 day", clause))

    def times(self, bounds: str) -> str:
        """What stands for a change by a ratio within `bounds`: "at most 0.5 times as many"."""
        return f"{bounds} times {CHANGES[self.spec]}"

    def with_value(self, value: str) -> str:
        """The sentence with `value`, without the usual value.

        One of several is singular, none of them is "no" or "none". Days are told as a person tells them: "today", "in
        3 days".
        """
        before, after = self.before, self.after
        if self.is_change and value.endswith(CHANGES[self.spec]):
            after = after.replace(" than ", " as ", 1)
        if after.startswith(" of "):
            value = {"0%": "none", "100%": "all"}.get(value, value)
        if value.split()[-1:] == ["1"]:
            if after.startswith(_TIMES):
                value, after = f"{value.removesuffix('1')}once", after.removeprefix(_TIMES)
            if value == "1" and after.startswith(_DIFFERENT):
                value, after = "only one", after.removeprefix(_DIFFERENT)
            after = _SEVERAL.sub(_singular, after)
        if value == "0":
            for days, day in ((_AGO, "today"), (_BEFORE, _DAY_OF_LOGIN)):
                if after.startswith(days):
                    return f"{before}{day}{after.removeprefix(days)}"
            if before.endswith(" in ") and after.startswith(_AHEAD):
                return f"{before.removesuffix('in ')}today{after.removeprefix(_AHEAD)}"
            return f"{before}{value if before else 'no'}{after}"
        if re.fullmatch(r"-\d+", value):
            days = value.removeprefix("-") + (" day" if value == "-1" else " days")
            if after.startswith(_AGO):
                return f"{before}in {days}{after.removeprefix(_AGO)}"
            if before.endswith(" in ") and after.startswith(_AHEAD):
                return f"{before.removesuffix('in ')}{days} ago{after.removeprefix(_AHEAD)}"
        return f"{before}{value}{after}"


def template_of(feature: Feature) -> Template:
    """The pieces of the sentence of `feature`. A flag has no value: its whole sentence is `before`.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> template_of(next(feature for feature in RHYTHM if feature.name == "gap_last_days"))
    Template(before='came back after ', spec='.0f', after=' days', usual=', usually after {own:.1f} days')
    """
    before = spec = after = usual = ""
    after_value = False
    for text, field, form, _ in Formatter().parse(feature.says):
        if field == "own":
            rest, comma, clause = text.rpartition(", ")
            after += rest
            usual = f"{comma}{clause}{{own:{form}}}"
        elif field == "value":
            before, spec, after_value = before + text, form or "", True
        elif usual:
            usual += text
        elif after_value:
            after += text
        else:
            before += text
    return Template(before, spec, after, usual)


def _singular(several: re.Match[str]) -> str:
    """One of several things: " day" for " days"."""
    which, noun = several[1] or "", several[2]
    return f"{which} {'person' if noun == 'people' else noun.removesuffix('s')}"
