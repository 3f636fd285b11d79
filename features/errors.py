"""The error of this layer for unusable input."""


class ContractError(ValueError):
    """A contract, event or external table that cannot be used: says what, what there is, what to do."""
