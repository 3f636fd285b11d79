"""The error of this layer for unusable data."""


class DataError(ValueError):
    """Login rows that no model can be fitted to or tested on. It says what is wrong, what there is, and what to do."""
