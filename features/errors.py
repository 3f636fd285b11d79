"""The errors of this layer for unusable input. Each says what is wrong, what there is, and what to do."""


class ContractError(ValueError):
    """A contract, event or external table that cannot be used: says what, what there is, what to do."""


class PlaysError(ValueError):
    """A file of plays, or a condition on users, that cannot be used."""
