"""Loads the contract of a log from `data/contracts/NAME.yaml`. Promise: every fault names the file."""

from pathlib import Path

import yaml

from features.contract.model import Contract
from features.contract.parse import parse_contract
from pipeline.errors import InputError


def load_contract(path: str | Path) -> Contract:
    """The contract in `path`.

    Raises InputError when the file is missing or not YAML, ContractError when its content is invalid.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(
            f"{file}: there is no such contract.\nCorrect log.contract in params.yaml, or write the file."
        )
    try:
        raw = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not readable as YAML: {error}\nMend the file at that line.") from error
    return parse_contract(raw, str(file))
