"""Parses and checks a whole contract.

Promise: an error is refused with the file, the key, its value and the remedy.
"""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError

from features.contract.checks import check
from features.contract.identity import check_identity
from features.contract.model import Contract
from features.contract.users import check_country, check_users
from features.errors import ContractError


def parse_contract(raw: Mapping[str, Any], name: str) -> Contract:
    """The contract in `raw`, the parsed YAML; `name` is its file.

    Raises ContractError with the file, the key, its value and the remedy.
    """
    if not isinstance(raw, Mapping):
        raise ContractError(f"{name}: expected keys such as `format:`, found {type(raw).__name__}.")
    if "name" in raw:
        raise ContractError(
            f"{name}: unknown key name. The contract is named after its file: remove the key."
        )
    stated = {
        key: value for key, value in raw.items() if value is not None or key not in Contract.model_fields
    }
    try:
        contract = Contract.model_validate({**stated, "name": name})
    except ValidationError as error:
        raise ContractError("\n".join(_message(name, problem) for problem in error.errors())) from error
    check(contract)
    check_country(name, contract.country)
    if contract.users is not None:
        check_users(name, contract.users)
    if contract.identity is not None:
        check_identity(name, contract.identity)
    return contract


def _message(name: str, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = ", ".join(_known_beside(problem["loc"]))
        return (
            f"{name}: unknown key {key} = {problem['input']!r}.\nKnown here: {known}. Correct or remove it."
        )
    if problem["type"] == "missing":
        return f"{name}: key {key} is missing.\nAdd it; README.md shows a contract, and data/contracts more keys."
    hint = " Write it in quotes." if isinstance(problem["input"], int | float) else ""
    return f"{name}: {key} = {problem['input']!r} is not allowed.\n{problem['msg']}.{hint}"


def _known_beside(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that are known where the last one of `loc` stands."""
    parts: list[Any] = [Contract]
    for key in loc[:-1]:
        fields = [part.model_fields[key] for part in parts if key in getattr(part, "model_fields", {})]
        parts = [
            one for field in fields for one in get_args(field.annotation) or (field.annotation,)
        ] or parts
    return [
        field.alias or key
        for one in parts
        for key, field in getattr(one, "model_fields", {}).items()
        if key != "name"
    ]
