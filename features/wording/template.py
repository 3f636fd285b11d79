"""A feature's sentence in pieces. Promise: this is the one place that takes a sentence apart.

A sentence is text around one `{value:…}`; a last clause with `{own:…}`, after a comma, says what is usual for the
user.
"""

from dataclasses import dataclass
from string import Formatter

from features.define import Feature


@dataclass(frozen=True, slots=True)
class Template:
    """The text `before` and `after` the value, the value's format `spec`, and the clause of what is `usual`."""

    before: str
    spec: str
    after: str
    usual: str

    @property
    def is_percentage(self) -> bool:
        """Whether the value is read as a percentage."""
        return self.spec.endswith("%")

    @property
    def decimals(self) -> int | None:
        """The decimals of the value as it is read, those of the percentage for one; None where they vary."""
        return int(self.spec[1:-1]) if self.spec.endswith(("f", "%")) else None

    @property
    def is_listed(self) -> bool:
        """Whether the sentence names things and then their number: "events in all: 12"."""
        return self.before.endswith(": ") and not self.after and "(" not in self.before

    @property
    def things(self) -> str:
        """What a listed sentence counts: "events in all"."""
        return self.before.removesuffix(": ")

    def with_value(self, value: str) -> str:
        """The sentence with `value` in its place, without what is usual: "1 day", not "1 days"."""
        after = self.after
        if value.split()[-1:] == ["1"]:
            for unit in (" day", " time"):
                if after.startswith(f"{unit}s"):
                    after = unit + after.removeprefix(f"{unit}s")
        if value == "0" and after.startswith(" days ago"):
            return self.before.removesuffix(" ") + " today" + after.removeprefix(" days ago")
        return f"{self.before}{value}{after}"


def template_of(feature: Feature) -> Template:
    """The pieces of what `feature` says. A flag has no value: all of its sentence is `before`.

    >>> from features.catalogue.rhythm import RHYTHM
    >>> template_of(next(feature for feature in RHYTHM if feature.name == "gap_last_days"))
    Template(before='came back after ', spec='.0f', after=' days', usual=', usually after {own:.1f}')
    """
    before = spec = after = usual = ""
    seen = False
    for text, field, form, _ in Formatter().parse(feature.says):
        if field == "own":
            rest, comma, clause = text.rpartition(", ")
            after += rest
            usual = f"{comma}{clause}{{own:{form}}}"
        elif field == "value":
            before, spec, seen = before + text, form or "", True
        elif seen:
            after += text
        else:
            before += text
    return Template(before, spec, after, usual)
