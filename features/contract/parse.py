"""Parses and checks a whole contract.

Promise: an error is refused with the file, the key, its value and the remedy.
"""

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, get_args

from pydantic import ValidationError

from features.contract.checks import check
from features.contract.identity import check_identity
from features.contract.model import Contract
from features.contract.quantities import check_quantities
from features.contract.users import check_country, check_users
from features.dated import check_named_once, keys_by_name
from features.errors import ContractError, Faults


def parse_contract(raw: Mapping[str, Any], name: str) -> Contract:
    """The contract in `raw`, the parsed YAML; `name` is its file.

    Raises ContractError with the file, the key, its value and the remedy.
    """
    contract, faults = parsed_as_far_as_possible(raw, name)
    faults.refuse()
    if contract is None:
        raise ContractError(f"{name}: cannot be read as a contract.")
    return contract


def parsed_as_far_as_possible(
    raw: Any, name: str, instead: Mapping[str, Any] = MappingProxyType({})
) -> tuple[Contract | None, Faults]:
    """The contract in `raw` without the keys that cannot be used, and everything that is wrong with it.

    `instead`: what stands in for missing keys, to find more faults; None for the contract when one is not there.
    """
    faults = Faults()
    if not isinstance(raw, Mapping):
        faults.append(f"{name}: expected keys such as `format:`, found {type(raw).__name__}.")
        return None, faults
    if "name" in raw:
        faults.append(f"{name}: unknown key name. The contract is named after its file: remove the key.")
    stated = {
        key: deepcopy(value)
        for key, value in raw.items()
        if key != "name" and (value is not None or key not in Contract.model_fields)
    }
    contract = _validated(stated, name, faults, instead)
    if contract is None:
        return None, faults
    with faults.collected():
        check(contract)
    with faults.collected():
        check_country(name, contract.country)
    with faults.collected():
        check_quantities(name, contract.quantities)
    with faults.collected():
        if contract.users is not None:
            check_users(name, contract.users)
    with faults.collected():
        if contract.identity is not None:
            check_identity(name, contract.identity)
    with faults.collected():
        check_named_once(keys_by_name(contract.external.tables, contract.external.calendars, name))
    return contract, faults


def _validated(
    stated: dict[Any, Any], name: str, faults: Faults, instead: Mapping[str, Any]
) -> Contract | None:
    """The model of what is `stated`, without the keys that it refuses, and with those `instead` that it lacks."""
    while True:
        try:
            return Contract.model_validate({**stated, "name": name})
        except ValidationError as error:
            problems = error.errors()
        faults.extend(said for problem in problems if (said := _message(name, problem)) not in faults)
        removed = [_removed(stated, problem["loc"]) for problem in problems]
        added = {key: value for key, value in instead.items() if key not in stated}
        if not any(removed) and not added:
            return None
        stated |= added


def _removed(stated: dict[Any, Any], loc: tuple[int | str, ...]) -> bool:
    """Take the key at `loc`, or the nearest above it, out of `stated`; False when there is none."""
    part, way = stated, []
    for key in loc:
        if not isinstance(part, dict) or key not in part:
            break
        way.append((part, key))
        part = part[key]
    for holder, key in way[::-1][:1]:
        del holder[key]
    return bool(way)


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
        if (one, key) != (Contract, "name")
    ]
