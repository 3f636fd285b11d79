"""Plays: what to do for a user, in the words of the team that does it.

Promise: plays are values that a file gives; code names none of them but `WATCH`, the code of doing nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from features.advice.conditions import Condition
from features.define import Cause, Dimension

WATCH = "watch"
"""The code for a user for whom no play is made: no contact is needed for now."""
WATCH_SAYS = "No contact is needed for now."


@dataclass(frozen=True, slots=True)
class Play:
    """One play.

    `when`: for whom it is. `cause`: what it is for; None: no cause in particular. `says`: the next step by language,
    without a full stop; it may name columns in braces. `building`: the user's benefit is added if it is known. `link`:
    by name a link that the message may give. `cool_down_days`: no contact with this play for so long after any contact.
    `offer_cost`: in the reporting currency, 0 without an offer. `accepts`: 0 to 1, the share of users who do what is
    proposed. `duty`: it is owed to the user. `goals`: the causes that a goal may act against, the best fit first.
    """

    code: str
    when: Condition
    cause: Cause | None
    says: Mapping[str, str]
    building: bool
    link: Mapping[str, str]
    channel: str
    cool_down_days: int
    offer_cost: float
    accepts: float
    duty: bool
    goals: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Plays:
    """The plays of `file` in order: the first one whose condition holds for a user is the user's play.

    `language`: that of the next steps; every play and benefit has it. `benefits`: by dimension the words for what has
    kept a user, by language. `set_aside`: by the code of a play the risk bands whose users do not get it.
    """

    file: str
    plays: tuple[Play, ...]
    benefits: Mapping[Dimension, Mapping[str, str]]
    language: str
    set_aside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def without(self, set_aside: Mapping[str, tuple[str, ...]]) -> "Plays":
        """The same plays, some of them not for users of some risk bands. A duty is owed, and stays."""
        duties = {play.code for play in self.plays if play.duty}
        return replace(
            self, set_aside={code: bands for code, bands in set_aside.items() if code not in duties}
        )

    @property
    def by_code(self) -> dict[str, Play]:
        """The plays by their codes."""
        return {play.code: play for play in self.plays}

    @property
    def goals(self) -> dict[str, tuple[Cause, ...]]:
        """By the code of a play with goals: the causes that a goal may act against, the best fit first."""
        return {play.code: play.goals for play in self.plays if play.goals}
