"""Groups, meanings and presence of the kinds of event, guessed from their names.

Promise: each kind of the sample stands in one group, unless there are too many of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_GROUPED = 80
_GROUPS = {
    "support": r"ticket|support|complain|refund|chargeback|dispute|return(ed)?_?(item|order)|help|contact_us|storno",
    "trade": (
        r"purchase|order|pay|paid|buy|bought|checkout|subscri|invoice|renew|donat|deposit|charge|sale|cart|revenue"
        r"|transact"
    ),
    "social": r"chat|friend|share|invite|comment|like|follow|gift|message_sent|reply|post|merge|team|guild",
    "progress": r"level|quest|complete|finish|achiev|lesson|unlock|win|won|done|commit|milestone|tutorial|onboard",
    "feedback": r"survey|nps|rating|rate|review|feedback",
    "access": r"log_?in|sign_?in|session|open|launch|start|visit|view|page|screen|app_|foreground",
}
OTHERS = "activity"
_NOBODYS = (
    r"(e_?mail|push|sms|newsletter|notification|campaign)\w*_(sent|deliver\w*|bounce\w*|receiv\w*|impression|queue\w*)"
    r"|(^|_)(expired|scheduled|webhook|sync|system|cron|batch|ping|heartbeat|debug|background)($|_)"
)
_MEANINGS = {
    "subscription_start": r"subscri\w*_?(start|creat|paid|renew|payment|activ)|renewal",
    "subscription_end": r"subscri\w*_?(end|cancel|expire|delet|stop)|unsubscri|churn",
    "complaint": r"ticket_?(open|creat|new)|complain",
    "answer": r"(ticket|support)_?(answer|resol|clos|repl)",
    "refund": r"refund|chargeback|storno|money_back",
    "failure": r"fail|error|declin|crash",
    "goal": r"(quest|lesson|course|level|goal|task|project|report)\w*(done|complete|finish)|purchase_?complete",
}


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the kinds seem to be. `groups`, `meaning`: their kinds; `nobodys`: what is hardly the user's own doing."""

    groups: dict[str, list[str]]
    left_over: list[str]
    meaning: dict[str, list[str]]
    nobodys: list[str]


def kinds_of(kinds: Sequence[str]) -> Kinds:
    """The groups and meanings of `kinds`, which come in the order of their number of events."""
    groups: dict[str, list[str]] = {}
    taken: set[str] = set()
    for kind in kinds[:MOST_GROUPED]:
        column = re.sub(r"\W+", "_", kind).lower()
        if column in taken:  # two spellings that would be one column
            continue
        taken.add(column)
        group = next((name for name, pattern in _GROUPS.items() if re.search(pattern, _plain(kind))), OTHERS)
        groups.setdefault(group, []).append(kind)
    grouped = [kind for group in groups.values() for kind in group]
    meaning = {
        name: found
        for name, pattern in _MEANINGS.items()
        if (found := [kind for kind in grouped if re.search(pattern, _plain(kind))])
    }
    for first, second in (("subscription_end", "subscription_start"), ("answer", "complaint")):
        if first in meaning and second in meaning:
            kept = [kind for kind in meaning[second] if kind not in meaning[first]]
            meaning |= {second: kept}
    nobodys = [
        kind for kind in grouped if re.search(_NOBODYS, _plain(kind)) or kind in meaning.get("answer", ())
    ]
    left_over = [kind for kind in kinds if kind not in grouped]
    return Kinds(groups, left_over, {name: found for name, found in meaning.items() if found}, nobodys)


def _plain(kind: str) -> str:
    words = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", kind)
    return re.sub(r"\W+", "_", words).strip("_").lower()
