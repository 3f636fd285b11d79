"""The kinds of event that users come for."""

from collections.abc import Collection

from features.contract.model import Contract
from features.names import kind_measures

_NO_PURPOSE = ("complaint", "answer", "refund", "failure", "subscription_start", "subscription_end")
"""Meanings of kinds that nobody comes for."""


def purposes(contract: Contract, there: Collection[str]) -> dict[str, str]:
    """By kind the column of its count among those `there`, in the contract's order.

    What is no presence by the contract is none of a user's purposes.
    """
    no_purpose = {kind for name in _NO_PURPOSE for kind in contract.meaning.kinds.get(name, ())}
    present = contract.presence.kinds
    return {
        kind: name
        for kind, name in kind_measures(contract.groups).items()
        if name in there and kind not in no_purpose and (present is None or kind in present)
    }
