"""The sources of features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from features.contract.external_data import ExternalData
from features.contract.quantities import Quantity
from features.names import NOUNS, Nouns, Words

NO_EXTERNAL_DATA = ExternalData()
MEANINGS = (
    "onboarding", "goal", "paid_for", "subscription_start", "subscription_end", "complaint", "answer", "praise",
    "refund", "failure",
)  # fmt: skip
"""The meanings of kinds, independent of their group (section `meaning` of a contract)."""
GROUPS = ("progress", "social", "trade", "support")
"""Groups that features may use on every log, even if its contract does not have them."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The content of a log (`Contract.tells`), the groups and meanings of its kinds, and the external data.

    `groups`: name to kinds; `meaning`: name (`onboarding`, `goal`, ...) to kinds. `renewal_days`: days
    from one start of a subscription to the next, if known. `log_days`: the length of the log, if known. `names`: the
    words for kinds and groups in sentences; `nouns`: those for what every log has. `currency`: that of reports, if the
    log has amounts. `visits_are_payments`: nothing else brings a user. `quantities`: the contract's, by name.
    """

    tells: frozenset[str]
    groups: Mapping[str, Sequence[str]]
    meaning: Mapping[str, Sequence[str]] = field(default_factory=dict)
    renewal_days: int | None = None
    external: ExternalData = NO_EXTERNAL_DATA
    log_days: int | None = None
    names: Mapping[str, Words] = field(default_factory=dict)
    nouns: Nouns = NOUNS
    currency: str | None = None
    visits_are_payments: bool = False
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
