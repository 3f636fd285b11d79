"""What a user of the pipeline can mend: shown without a traceback, exit code 2.

A message has three parts: what is wrong (file, line or column), what was found, what to do.
"""

from features.errors import ContractError, PlaysError
from models.errors import DataError


class InputError(ValueError):
    """A parameter, file or folder that cannot be used."""


class ServerError(RuntimeError):
    """A database that cannot be reached, or that breaks off: it may work later. Exit code 1."""


EXPECTED_ERRORS = (InputError, ContractError, PlaysError, DataError)
EXIT_EXPECTED = 2
EXIT_FAULT = 1
"""Of a fault of the machine: a disk that is full or not writable, or a database that is down."""
