"""Loads the plays from the file that `plays.path` names. Promise: every fault names the file."""

from collections.abc import Sequence
from pathlib import Path

from features.advice.conditions import Types
from features.advice.facts import FACTS
from features.advice.parse_plays import parse_plays
from features.advice.plays import Plays
from features.contract.model import Contract
from pipeline.config.sections import Plays as PlaysSection
from pipeline.config.yaml_file import read_yaml
from pipeline.errors import InputError


def load_plays(asked: PlaysSection, contract: Contract, carry: Sequence[str]) -> Plays:
    """The plays in `asked.path`, checked; their next steps are in `asked.language`.

    Raises InputError when the file is missing or not YAML, PlaysError when its content is invalid.
    """
    file = Path(asked.path)
    if not file.is_file():
        raise InputError(
            f"{file}: there is no such file of plays.\nCorrect plays.path in params.yaml, or write the file."
        )
    return parse_plays(read_yaml(file), str(file), known_columns(contract, carry), asked.language)


def known_columns(contract: Contract, carry: Sequence[str]) -> Types:
    """The columns that a condition may name: facts, attributes of the users table, and columns that the list carries.

    The type of an attribute is known when its table is read. Of equal names that of a fact counts.
    """
    attributes = () if contract.users is None else contract.users.attributes
    return {**dict.fromkeys((*attributes, *carry)), **FACTS}
