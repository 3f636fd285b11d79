"""What to do about a cause: one simple next step, addressed by the benefit that keeps this user.

Promise: every cause has a play, a step names something to do for the user, and none says "we miss you".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.define import Dimension


@dataclass(frozen=True, slots=True)
class Play:
    """A stable code, and the next step, which may name {benefit}."""

    code: str
    next_step: str


PLAYS: Mapping[str, Play] = {
    "NEWCOMER": Play("first_success", "Show the shortest way to a first success with {benefit}."),
    "NO_HABIT": Play("fixed_moment", "Offer one fixed moment a week for {benefit}, at the hour they mostly come."),
    "COMES_LESS": Play("something_waits", "Tell them the one new thing that waits for them in {benefit}."),
    "DOES_LESS": Play("short_visit", "Propose one thing that takes five minutes and serves {benefit}."),
    "ONBOARDING_STALLS": Play("next_onboarding_step", "Open the next onboarding step with a worked example."),
    "STUCK": Play("way_past", "Give help past the place where they are stuck: a hint, or an easier way."),
    "UNANSWERED": Play("bring_answers", "Bring them together with somebody who answers: for {benefit}."),
    "ALONE": Play("new_company", "Introduce them to one active group, by way of {benefit}."),
    "REFUNDED": Play("put_right", "Ask what was wrong with the purchase, and put it right."),
    "SUBSCRIPTION_LAPSES": Play("what_it_gave", "Show what it gave them for {benefit}, and how to pause it."),
    "PAYS_LESS": Play("small_offer", "Offer one small thing that adds to {benefit}."),
    "NARROW_USE": Play("one_new_thing", "Show one thing they have not tried that adds to {benefit}."),
    "SUPPORT_WAITS": Play(
        "answer_now",
        "Before any offer, answer their open request today, by name; if none is open, ask whether the answer helped.",
    ),
    "UNHAPPY": Play("listen", "Ask what went wrong, and tell them what will be done about it."),
    "PRICES_ROSE": Play("local_price", "Offer a price in their own currency that is held for a while."),
    "CALENDAR": Play("wait", "Wait: it is the day, not the user."),
    "SERVICE_FADES": Play("whats_on", "Tell them when most others are there for {benefit}."),
    "SURROUNDINGS": Play("watch", "Do nothing yet: nothing that can be changed stands out."),
}  # fmt: skip
NO_CAUSE = Play("watch", "Do nothing yet: nothing that can be changed stands out.")
BENEFITS: Mapping[Dimension, str] = {
    "rhythm": "their regular visits",
    "intensity": "what they spend most time on",
    "progress": "getting ahead",
    "social": "the people they know there",
    "spending": "what they pay for",
    "breadth": "the many things they use",
    "satisfaction": "what already works for them",
    "context": "what they mostly do",
}
"""For each dimension what a user in whom it lowers the risk has come for."""
NO_BENEFIT: Dimension = "context"
"""For one whom nothing keeps more than it keeps peers: it says what is true of anybody."""


def play_of(cause: str | None) -> Play:
    """The play for the cause of that code; None: no cause stands out."""
    return NO_CAUSE if cause is None else PLAYS[cause]


def next_step(play: Play, benefit: Dimension) -> str:
    """What to do, for one whom the dimension `benefit` keeps most.

    >>> next_step(PLAYS["ALONE"], "progress")
    'Introduce them to one active group, by way of getting ahead.'
    """
    return play.next_step.format(benefit=BENEFITS[benefit])
