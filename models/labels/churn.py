"""The definition of churn: the values that make a label, and what follows from them.

Promise: the same `Churn` and the same rows give the same labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from models import artefacts

Kind = Literal["inactivity", "drop", "cancel", "personal"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Rows with their own horizon: the first `logins` of a user, or those within `days` of the first; null: none."""

    logins: int | None
    days: int | None
    horizon_days: int

    @property
    def exist(self) -> bool:
        """Whether the definition has newcomers at all."""
        return self.logins is not None or self.days is not None


@dataclass(frozen=True, slots=True)
class Drop:
    """How far activity must fall (`share` of the user's usual), and from how many past days the usual is taken."""

    share: float
    usual_days: int


@dataclass(frozen=True, slots=True)
class Personal:
    """A personal horizon: `times` the `quantile` of the user's gaps so far, within `least_days` and `most_days`."""

    times: float
    quantile: float
    least_days: int
    most_days: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """An end of a subscription counts only if no other begins on its day or within `grace_days` after it."""

    grace_days: int


@dataclass(frozen=True, slots=True)
class Churn:
    """A definition of churn. Windows are days after the login day: lead first, then the horizon of the row."""

    kind: Kind
    horizon_days: int
    lead_days: int
    newcomers: Newcomers
    drop: Drop
    personal: Personal
    cancel: Cancel = Cancel(0)  # of versions that were trained before it was a parameter

    @property
    def longest_days(self) -> int:
        """The longest label window that a row can have: lead and horizon."""
        return self.window_classes[-1]

    @property
    def window_classes(self) -> tuple[int, ...]:
        """Upper lengths of the classes of similar windows, rising.

        Without personal horizons these are the windows themselves. With them, each is about twice the one before.
        """
        if self.kind == "personal":
            lengths, length = [], self.personal.least_days
            while length < self.personal.most_days:
                lengths.append(length)
                length *= 2
            horizons = {*lengths, self.personal.most_days}
        elif self.newcomers.exist:
            horizons = {self.newcomers.horizon_days, self.horizon_days}
        else:
            horizons = {self.horizon_days}
        return tuple(sorted(self.lead_days + days for days in horizons))

    @property
    def is_silence(self) -> bool:
        """Whether churn means staying away, so that each silent day makes it more probable."""
        return self.kind in {"inactivity", "personal"}

    @property
    def is_plain(self) -> bool:
        """Whether churn is a silence of one length for all rows, starting at the login."""
        return self.kind == "inactivity" and self.lead_days == 0 and not self.newcomers.exist

    @property
    def in_words(self) -> str:
        """The definition as one sentence for people."""
        days = self._days_in_words
        sentence = {
            "inactivity": f"A login is the last one when no other follows within {days}",
            "drop": f"A user is lost when the login days of the next {days} are fewer than "
            f"{self.drop.share:.0%} of the user's usual number",
            "cancel": f"A user is lost when the subscription ends within {days}{self._grace_in_words}",
            "personal": "A login is the last one when no other follows within a time that depends on the user: "
            f"{self.personal.times:g} times the {self.personal.quantile:.0%} quantile of the gaps so far, "
            f"{self.personal.least_days} to {self.personal.most_days} days",
        }[self.kind]
        return sentence + self._lead_in_words

    @property
    def outcomes_in_words(self) -> tuple[str, str]:
        """What is true of logins that did not churn, and of those that did: two predicates, the second one short."""
        within = f"within {self._days_in_words}{self._lead_in_words}"
        bounds = f"{self.personal.least_days} to {self.personal.most_days} days"
        return {
            "inactivity": (f"were followed by another {within}", "were not"),
            "drop": (
                f"were followed by at least {self.drop.share:.0%} of the user's usual login days {within}",
                "were not",
            ),
            "cancel": (
                f"were not followed by the end of the subscription {within}{self._grace_in_words}",
                "were",
            ),
            "personal": (
                f"were followed by another within the user's own time ({bounds}){self._lead_in_words}",
                "were not",
            ),
        }[self.kind]

    @property
    def _days_in_words(self) -> str:
        """The horizon, and that of newcomers if they have their own. Not of the kind `personal`."""
        newcomers = f" ({self.newcomers.horizon_days} for newcomers)" if self.newcomers.exist else ""
        return f"{self.horizon_days} days{newcomers}"

    @property
    def _grace_in_words(self) -> str:
        days = self.cancel.grace_days
        if not days:
            return ""
        return f", where an end is one that no new beginning follows for {days} day{'s' if days > 1 else ''}"

    @property
    def _lead_in_words(self) -> str:
        return f", counted from {self.lead_days} days after a login" if self.lead_days else ""


def from_json(value: Mapping[str, Any]) -> Churn:
    """The definition in JSON or in the section `label`. Raises DataError when it is invalid."""
    return artefacts.from_json(Churn, value, "label")
