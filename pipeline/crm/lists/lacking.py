"""What a log would need to tell for each list for import."""

from collections.abc import Collection, Mapping, Sequence

from features.advice.list_facts import ListName
from features.contract.model import Contract

_PLAN = "plan"


def lacking(contract: Contract, tells: Collection[str], carry: Sequence[str]) -> Mapping[ListName, str]:
    """By list, in words, what the log does not tell; no entry where nothing is lacking.

    `tells`: the content of the log (`Contract.tells`). `carry`: the columns that the list carries.
    """
    needed: dict[ListName, str] = {}
    if "score" not in tells:
        needed["promoters"] = "the log has no scores of surveys: its contract names no columns.score"
    reached = [name for name in ("meaning:goal", "level") if name in tells]
    attributes = () if contract.users is None else contract.users.attributes
    if not reached and contract.meaning.limit is None:
        needed["upgrade"] = "the log tells neither goals nor levels, and its contract names no meaning.limit"
    elif _PLAN not in (*attributes, *carry) and "meaning:subscription_start" not in tells:
        needed["upgrade"] = (
            "nothing says who has the lowest plan: the log has neither plans nor subscriptions"
        )
    if "amount" not in tells and "meaning:goal" not in tells:
        needed["survey"] = "the log tells neither purchases nor goals"
    return needed
