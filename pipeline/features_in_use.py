"""The features that the log in use allows: the one place where contract and catalogue meet."""

from features.catalogue import catalogue
from features.contract import Contract
from features.define import Feature


def features_in_use(contract: Contract) -> tuple[Feature, ...]:
    """The features that a log with this contract allows, in the catalogue's order."""
    return catalogue(contract.tells, contract.groups)
