"""What a user of the pipeline can mend: shown without a traceback, exit code 2.

A message has three parts: what is wrong (file, line or column), what was found, what to do.
"""

from features.errors import ContractError, PlaysError
from models.errors import DataError


class InputError(ValueError):
    """A parameter, file or folder that cannot be used."""


class ServerError(RuntimeError):
    """A database that cannot be reached, or that breaks off: it may work later. Exit code 1."""


class StoreError(InputError):
    """MLflow cannot be reached, or does not do what is asked: it may later. Exit code 1."""


class BusyError(InputError):
    """Another process does the same now, so a repeat may work. Exit code 1."""


EXPECTED_ERRORS = (InputError, ContractError, PlaysError, DataError)
PASSING_ERRORS = (BusyError, ServerError, StoreError)
EXIT_EXPECTED = 2
EXIT_FAULT = 1
"""Of what may pass: a disk that is full or not writable, a server that is down, another process at the same work."""
