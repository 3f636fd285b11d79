"""Loads the contract of a log from `data/contracts/NAME.yaml`. Promise: every fault names the file."""

from pathlib import Path

from features.contract.model import Contract
from features.contract.parse import parse_contract
from pipeline.config.yaml_file import read_yaml
from pipeline.errors import InputError


def load_contract(path: str | Path, named: str = "log.contract in params.yaml") -> Contract:
    """The contract in `path`. `named`: what names the file, for messages.

    Raises InputError when the file is missing or not YAML, ContractError when its content is invalid.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{file}: there is no such contract.\nCorrect {named}, or write the file.")
    return parse_contract(read_yaml(file), str(file))
