"""The error of this layer that is the data's fault, not ours."""


class DataError(ValueError):
    """Login rows that cannot be learnt from or judged: says what, what there is, what to do."""
