"""The error of this layer that is the input's fault, not ours."""


class ContractError(ValueError):
    """A contract, event or external table that cannot be used: says what, what there is, what to do."""
