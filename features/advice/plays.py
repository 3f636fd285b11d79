"""Plays: one simple next step for each cause, adapted to the benefit that keeps the user.

Promise: every cause has a play. A step names something to do for the user, never "we miss you", and builds only on
things that the user does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.define import Cause, Dimension


@dataclass(frozen=True, slots=True)
class Play:
    """A stable code, and the next step; `building` is added if the user's benefit is known, and tells {benefit}."""

    code: str
    next_step: str
    building: str = ""


_BUILD = "; {benefit}"
_ASK = "Ask them in a short, personal message what they would need"
PLAYS: Mapping[str, Play] = {
    "NEWCOMER": Play("first_success", "Show one easy thing to do next", _BUILD),
    "NO_HABIT": Play("fixed_moment", "Suggest one fixed day to come back on", _BUILD),
    "COMES_LESS": Play("something_waits", "Tell them about one thing that is new since they last came", _BUILD),
    "LITTLE_SO_FAR": Play("first_success", "Show one easy thing to do next", _BUILD),
    "DOES_LESS": Play("short_visit", "Suggest one thing that takes little time", _BUILD),
    "ONBOARDING_STALLS": Play("next_onboarding_step", "Open the next onboarding step with a worked example"),
    "STUCK": Play("way_past", "Help them where they are stuck: give a hint, or an easier way"),
    "UNANSWERED": Play("bring_answers", "Introduce them to somebody who answers", _BUILD),
    "ALONE": Play("new_company", "Introduce them to one active group", _BUILD),
    "REFUNDED": Play("put_right", "Ask what was wrong with the purchase, and put it right"),
    "SUBSCRIPTION_LAPSES": Play("what_it_gave", "Show what the subscription gave them, and how to pause it", _BUILD),
    "PAYS_LESS": Play("small_offer", "Offer one small thing at a low price", _BUILD),
    "NARROW_USE": Play("one_new_thing", "Show one thing they have not tried", _BUILD),
    "SUPPORT_WAITS": Play("follow_up", "Ask whether the answer to their request helped"),
    "UNHAPPY": Play("listen", "Ask what went wrong, and tell them what will be done about it"),
    "PRICES_ROSE": Play("local_price", "Offer a price in their own currency that stays fixed for some time"),
    "CALENDAR": Play("wait", "Wait a few days: the cause is the day, not the user"),
    "SERVICE_FADES": Play("whats_on", "Tell them when most other users are active", _BUILD),
    "SURROUNDINGS": Play("ask", f"{_ASK}: nothing that the service can change stands out"),
}  # fmt: skip
ANSWER_NOW = Play("answer_now", "Before any offer, answer their open request today")
"""Instead of the play of `SUPPORT_WAITS` while a request is open."""
ASK = Play("ask", f"{_ASK}: no cause stands out")
"""For a user at risk without a cause."""
NO_CAUSE = Play("watch", "No contact is needed for now")

SERVED_BY: Mapping[str, tuple[Cause, ...]] = {
    "first_success": ("ONBOARDING_STALLS", "STUCK", "NARROW_USE", "DOES_LESS"),
    "fixed_moment": ("COMES_LESS",),
    "something_waits": ("COMES_LESS",),
    "short_visit": ("DOES_LESS",),
    "next_onboarding_step": ("ONBOARDING_STALLS", "STUCK"),
    "way_past": ("STUCK", "ONBOARDING_STALLS"),
    "bring_answers": ("UNANSWERED", "ALONE"),
    "new_company": ("ALONE", "UNANSWERED"),
    "what_it_gave": ("SUBSCRIPTION_LAPSES",),
    "small_offer": ("PAYS_LESS",),
    "one_new_thing": ("NARROW_USE",),
    "answer_now": ("SUPPORT_WAITS",),
    "follow_up": ("SUPPORT_WAITS",),
    "listen": ("SUPPORT_WAITS",),
}
"""By play: the causes that a goal may act against, the best fit first. The other plays have no goal: after a refund, or
when prices rose, nothing that the user does is asked for."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a user has come for, as the words of a step, and the features that show it, each from a value on."""

    says: str
    shown_by: Mapping[str, float]


BENEFITS: Mapping[Dimension, Benefit] = {
    "rhythm": Benefit("write to them on a day on which they mostly come", {"logins_life": 5}),
    "intensity": Benefit("start from what they have done most", {"minutes_30d": 10, "events_30d": 3}),
    "progress": Benefit(
        "start from the progress they have made", {"days_since_goal": 0, "days_since_level_gain": 0}
    ),
    "social": Benefit("start from the people they know here", {"days_since_contact": 0}),
    "spending": Benefit("start from what they have paid for", {"revenue_life": 0.01}),
    "breadth": Benefit("start from the many things they have done here", {"kinds_used_30d": 3}),
}
"""By dimension: what a user has come for if that dimension lowers the user's risk."""


def play_of(cause: str | None, *, request_open: bool = False, at_risk: bool = False) -> Play:
    """The play for the cause of that code; None: no cause stands out.

    `request_open`: a request waits for an answer. `at_risk`: the user's probability calls for a play.
    """
    if cause == "SUPPORT_WAITS" and request_open:
        return ANSWER_NOW
    if cause is None:
        return ASK if at_risk else NO_CAUSE
    return PLAYS[cause]


def next_step(play: Play, benefit: Dimension | None) -> str:
    """The next step for a user whom the dimension `benefit` keeps most; None: unknown.

    >>> next_step(PLAYS["ALONE"], "progress")
    'Introduce them to one active group; start from the progress they have made.'
    >>> next_step(PLAYS["ALONE"], None)
    'Introduce them to one active group.'
    """
    building = "" if benefit is None else play.building.format(benefit=BENEFITS[benefit].says)
    return f"{play.next_step}{building}."
