"""Reads params.yaml.

An unknown key or a value out of range stops the run with the key's full name, the value and what is allowed. A key
of an earlier version is refused with its present name.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from pipeline.config.sections import Params
from pipeline.config.yaml_file import read_yaml
from pipeline.errors import InputError

PARAMS_FILE = Path("params.yaml")
MOVED = {
    "score.high_from": "risk_bands.high_from",
    "score.medium_from": "risk_bands.medium_from",
    "score.holdout_share": "holdout.share",
    "score.arm_key": "holdout.key",
    "train.origins": "split.origins",
    "train.min_rows": "split.min_rows",
    "evaluate.capacity_share": "policy.capacity_share",
    "evaluate.capacity_users": "policy.capacity_users",
}
"""Parameters of earlier versions, and their present keys."""


def load_params(path: Path) -> Params:
    """The parameters in `path`.

    Raises InputError naming each key that is unknown, missing or out of range.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such file.\nRun from the project's root, where params.yaml is."
        )
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected sections such as `log:`, found {type(raw).__name__}.")
    try:
        return Params.model_validate(raw)
    except ValidationError as error:
        lines = [line for problem in error.errors() for line in _messages(path, problem)]
        raise InputError("\n".join(lines)) from error


def _messages(path: Path, problem: Any) -> Iterator[str]:
    """One line for each faulty key: the fault, the value found, and what is allowed."""
    key, value = ".".join(str(part) for part in problem["loc"]), problem["input"]
    if problem["type"] == "missing":
        yield f"{path}: parameter {key} is missing. Every value stands in the file: add it."
    elif problem["type"] != "extra_forbidden":
        yield f"{path}: {key} = {value!r} is not allowed. {problem['msg']}."
    else:
        # A removed section is named by its keys: each may have moved to another section.
        moved = isinstance(value, dict) and any(name.startswith(f"{key}.") for name in MOVED)
        unknown = {f"{key}.{name}": one for name, one in value.items()} if moved else {key: value}
        known = ", ".join(_siblings(problem["loc"]))
        for name, one in unknown.items():
            hint = f"It is {MOVED[name]} now." if name in MOVED else f"Known here: {known}."
            yield f"{path}: unknown parameter {name} = {one!r}. {hint}"


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Params
    for part in loc[:-1]:
        if isinstance(part, int):  # an index of a list
            continue
        annotation = model.model_fields[part].annotation
        annotation = next(iter(get_args(annotation)), annotation)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        model = annotation
    return sorted(model.model_fields)
