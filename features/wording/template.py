"""The pieces of a feature's sentence. Promise: only this module parses a sentence.

A sentence is text around one `{value:…}`. A last clause after a comma, with `{own:…}`, gives the user's usual value.
The format of a value is one of Python's, a name of `WORDS`: then the value is read as a word, or a name of `CHANGES`:
then a ratio is read as a change, "50% fewer", and the sentence goes on with " than ".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from features.define import Feature

WORDS: Mapping[str, Mapping[int, str]] = {
    "weekday": {
        1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday",
    },
    "opinion": {-1: "does not recommend", 0: "is undecided about", 1: "recommends"},
}  # fmt: skip
"""By format the words for whole values."""
CHANGES: Mapping[str, str] = {
    "more|fewer": "as many", "more|less": "as much", "more often|less often": "as often", "longer|shorter": "as long",
    "higher|lower": "as high", "larger|smaller": "as large", "busier|quieter": "as busy",
}  # fmt: skip
"""By format of a ratio (the words above 1, and below) the words for 1: then " as " stands instead of " than "."""
_AGO, _BEFORE, _AHEAD = " days ago", " days before the login", " days"
_DAY_OF_LOGIN = "on the day of the login"
_SEVERAL = re.compile(r"^ (people|\w{3,}s)\b(?! (?:as|the|those) )")


@dataclass(frozen=True, slots=True)
class Template:
    """The text `before` and `after` the value, the value's format `spec`, and the clause of the `usual` value."""

    before: str
    spec: str
    after: str
    usual: str

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
    def generic(self) -> str:
        """What stands for any value."""
        return f"…% {self.spec.replace('|', ' or ')}" if self.is_change else "…"

    @property
    def decimals(self) -> int | None:
        """The decimals of the shown value, of the percentage if it is one; None if they vary."""
        if self.is_change:
            return 2
        return int(self.spec[1:-1]) if self.spec.endswith(("f", "%")) else None

    @property
    def is_listed(self) -> bool:
        """Whether the sentence names things and then their number: "logins so far: 12"."""
        return self.before.endswith(": ") and not self.after and "(" not in self.before

    @property
    def things(self) -> str:
        """The things that such a sentence counts: "logins so far"."""
        return self.before.removesuffix(": ")

    def shown(self, value: float) -> str:
        """`value` as it is read. An amount that would be rounded to 0 is "less than" the smallest one."""
        if self.words is not None:
            return self.words.get(round(value), f"{value:g}")
        if self.is_change:
            return self._change(value)
        text = format(value, self.spec)
        if self.decimals is None or re.search("[1-9]|inf", text):
            return text
        if value > 0:
            least = 10.0**-self.decimals
            return f"less than {format(least / 100 if self.is_percentage else least, self.spec)}"
        return text.removeprefix("-")

    def usual_of(self, own: float) -> str:
        """The clause of the usual value `own`."""
        told = self.usual.format(own=own)
        if own > 0 and not re.search("[1-9]|inf", told) and self.is_percentage:
            return told.replace("0%", "less than 1%")
        return re.sub(r"(?<= )0(\.0)? days (ago|before)", "the same day", told)

    def times(self, bounds: str) -> str:
        """What stands for a change by a ratio within `bounds`: "at most 0.5 times as many"."""
        return f"{bounds} times {CHANGES[self.spec]}"

    def _change(self, ratio: float) -> str:
        more, fewer = self.spec.split("|")
        change = round(100 * (ratio - 1))
        if change == 0:
            return CHANGES[self.spec]
        if change == -100:
            return f"over 99% {fewer}" if ratio > 0 else f"100% {fewer}"
        return f"{abs(change):,}% {more if change > 0 else fewer}"

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
    Template(before='came back after ', spec='.0f', after=' days', usual=', usually after {own:.1f}')
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
    return " person" if several[1] == "people" else several[0].removesuffix("s")
