"""What features can be made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from features.contract.external_data import ExternalData

NO_EXTERNAL_DATA = ExternalData()
MEANINGS = (
    "onboarding", "goal", "paid_for", "subscription_start", "subscription_end", "complaint", "answer", "praise",
)  # fmt: skip
"""What kinds can mean, whatever their group (section `meaning` of a contract)."""
GROUPS = ("progress", "social", "trade", "support")
"""Groups that features may speak of on every log, whether its contract has them or not."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a log tells (`Contract.tells`), how its kinds are grouped, what they mean, and what external data there is.

    `groups`: name to kinds; `meaning`: name (`onboarding`, `goal`, ...) to kinds. `renewal_days`: from
    one start of a subscription to the next, if known. `log_days`: how long the log is, if known.
    """

    tells: frozenset[str]
    groups: Mapping[str, Sequence[str]]
    meaning: Mapping[str, Sequence[str]] = field(default_factory=dict)
    renewal_days: int | None = None
    external: ExternalData = NO_EXTERNAL_DATA
    log_days: int | None = None
