"""The kinds of event the game writes, in the order of the columns of a count table."""

from typing import Literal, get_args

Kind = Literal[
    "login",
    "quest_started",
    "quest_done",
    "quest_failed",
    "level_up",
    "area_found",
    "item_crafted",
    "chat",
    "friend_added",
    "gift_sent",
    "match_played",
    "match_won",
    "purchase",
    "subscription_paid",
    "refund",
    "ticket_opened",
    "ticket_answered",
    "nps_answer",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
AT: dict[Kind, int] = {kind: number for number, kind in enumerate(KINDS)}

PROGRESS: tuple[Kind, ...] = ("quest_started", "quest_done", "quest_failed", "level_up")
SOCIAL: tuple[Kind, ...] = ("chat", "gift_sent")
TRADE: tuple[Kind, ...] = ("purchase", "subscription_paid", "refund")

Cause = Literal["stuck", "friends_gone", "price_shock", "bad_support", "boredom", "other"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
"""Why a user left; `other` is the hazard that no planted cause explains."""

SOURCES = (*CAUSES[:-1], "newcomer", "settled")
"""The parts that the rate of leaving adds up from: the last two are those of `other`."""

STYLES = ("achiever", "explorer", "socialiser", "competitor", "spender")
CHANNELS = ("organic", "advert", "friend", "store")
