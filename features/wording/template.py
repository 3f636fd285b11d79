"""The pieces of a feature's sentence. Promise: only this module parses a sentence.

A sentence is text around one `{value:…}`. A last clause after a comma, with `{own:…}`, gives the user's usual value.
"""

from dataclasses import dataclass
from string import Formatter

from features.define import Feature


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
    def decimals(self) -> int | None:
        """The decimals of the shown value, of the percentage if it is one; None if they vary."""
        return int(self.spec[1:-1]) if self.spec.endswith(("f", "%")) else None

    @property
    def is_listed(self) -> bool:
        """Whether the sentence names things and then their number: "events in all: 12"."""
        return self.before.endswith(": ") and not self.after and "(" not in self.before

    @property
    def things(self) -> str:
        """The things that such a sentence counts: "events in all"."""
        return self.before.removesuffix(": ")

    def with_value(self, value: str) -> str:
        """The sentence with `value`, without the usual value: "1 day", not "1 days"."""
        after = self.after
        if value.split()[-1:] == ["1"]:
            for unit in (" day", " time"):
                if after.startswith(f"{unit}s"):
                    after = unit + after.removeprefix(f"{unit}s")
        if value == "0" and after.startswith(" days ago"):
            return self.before.removesuffix(" ") + " today" + after.removeprefix(" days ago")
        return f"{self.before}{value}{after}"


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
        elif after_value:
            after += text
        else:
            before += text
    return Template(before, spec, after, usual)
