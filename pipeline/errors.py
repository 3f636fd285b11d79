"""What a user of the pipeline can mend: shown without a traceback, exit code 2.

A message has three parts: what is wrong (file, line or column), what was found, what to do.
"""

from features.errors import ContractError
from models.errors import DataError


class InputError(ValueError):
    """A parameter, file or folder that cannot be used."""


EXPECTED_ERRORS = (InputError, ContractError, DataError)
EXIT_EXPECTED = 2
