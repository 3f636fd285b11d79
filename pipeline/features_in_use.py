"""The features that the log in use allows: the one place where contract and catalogue meet."""

from collections.abc import Iterable

from features.catalogue import catalogue
from features.contract import Contract
from features.define import Feature


def features_in_use(contract: Contract, told: Iterable[str] | None = None) -> tuple[Feature, ...]:
    """The features that a log with this contract allows, in the catalogue's order.

    `told`: what the log turned out to tell (`tells` of the ingest report); without it, what is promised.
    """
    return catalogue(contract.sources(told))
