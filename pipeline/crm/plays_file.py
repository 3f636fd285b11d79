"""Loads the plays from the file that `plays.path` names. Promise: every fault names the file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from features.advice.conditions import Types
from features.advice.facts import FACTS
from features.advice.parse_plays import parse_plays
from features.advice.plays import Plays
from features.contract.model import Contract
from pipeline.config.sections import Plays as PlaysSection
from pipeline.errors import InputError
from pipeline.storage.files import read_text


def load_plays(asked: PlaysSection, contract: Contract, carry: Sequence[str]) -> Plays:
    """The plays in `asked.path`, checked; their next steps are in `asked.language`.

    Raises InputError when the file is missing or not YAML, PlaysError when its content is invalid.
    """
    file = Path(asked.path)
    if not file.is_file():
        raise InputError(
            f"{file}: there is no such file of plays.\nCorrect plays.path in params.yaml, or write the file."
        )
    return parse_plays(yaml_in(file), str(file), known_columns(contract, carry), asked.language)


def known_columns(contract: Contract, carry: Sequence[str]) -> Types:
    """The columns that a condition may name: facts, attributes of the users table, and columns that the list carries.

    The type of an attribute is known when its table is read. Of equal names that of a fact counts.
    """
    attributes = () if contract.users is None else contract.users.attributes
    return {**dict.fromkeys((*attributes, *carry)), **FACTS}


def yaml_in(file: Path) -> Any:
    """The content of a file. Raises InputError when it is not YAML."""
    try:
        return yaml.safe_load(read_text(file))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not readable as YAML: {error}\nMend the file at that line.") from error
