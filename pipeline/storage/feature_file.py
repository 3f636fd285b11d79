"""`features.json`: the features of the login rows or of the model in the same folder.

Promise: the file holds the features whole, with their expressions, so a reader needs neither the contract nor the
catalogue. Expressions are stored in Polars' JSON. An expression that runs code (a Python function, which Polars stores
as a pickle, or a plugin) is neither written nor read.
"""

import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from features.define import Cause, Dimension, Feature, Form, Worse
from pipeline.errors import InputError
from pipeline.storage.files import read_json, write_json

FEATURES_FILE = "features.json"
_RUNS_CODE = re.compile("Anonymous|Python|Plugin")
"""Matches the names of the nodes of an expression that hold code or name a library."""


class _Stored(BaseModel):
    """One feature. `goal_value` is "missing" when the aim is to have no value; `made_of`: the expression."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    dimension: Dimension
    form: Form
    worse: Worse
    cause: Cause
    unit: str
    sentence: str
    sentence_not: str
    sentence_zero: str = ""
    sentence_missing: str
    actionable: bool
    moves: bool
    goal: str
    goal_value: float | Literal["missing"] | None
    stands_out_below: float | None = None
    stands_out_above: float | None = None
    speaks: bool = True
    made_of: dict[str, Any]

    @field_validator("made_of")
    @classmethod
    def _runs_no_code(cls, made_of: dict[str, Any]) -> dict[str, Any]:
        names = [name for name in _node_names(made_of) if _RUNS_CODE.search(name)]
        if names:
            raise ValueError(f"{names[0]} runs code of its own; only expressions of columns are features")
        return made_of


_STORED = TypeAdapter(tuple[_Stored, ...])


def write_features(features: Sequence[Feature], file: Path) -> None:
    """Write `features` to `file`, in their order."""
    write_json([_as_stored(feature).model_dump() for feature in features], file)


def read_features(file: Path, made_by: str) -> tuple[Feature, ...]:
    """The features that `write_features` wrote, without what they need of a contract (`needs`).

    `made_by`: the stage that writes the file. Raises InputError naming the first fault when the file is missing or
    does not hold features.
    """
    if not file.is_file():
        raise InputError(f"{file}: there is no such file.\nMake it: dvc repro {made_by}")
    try:
        return tuple(_as_feature(stored) for stored in _STORED.validate_python(read_json(file), strict=False))
    except ValueError as error:  # of JSON, of its text, of a field, or of an expression
        raise InputError(
            f"{file}: not features as this version writes them: {_first_fault(error)}\n"
            f"Make it again: dvc repro {made_by}"
        ) from error


def _first_fault(error: Exception) -> str:
    """The first fault in one line. A fault of a field names the field: `1.colour: Extra inputs are not permitted`."""
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0]
    fault = error.errors()[0]
    field = ".".join(map(str, fault["loc"]))
    return f"{field}: {fault['msg']}" if field else fault["msg"]


def _node_names(expression: Any) -> Iterator[str]:
    """The name of each node of an expression in Polars' JSON, and of each of its fields."""
    if isinstance(expression, dict):
        yield from expression
    parts = expression.values() if isinstance(expression, dict) else expression
    for part in parts:
        if isinstance(part, dict | list):
            yield from _node_names(part)


def _as_stored(feature: Feature) -> _Stored:
    goal = feature.goal_value
    return _Stored(
        name=feature.name,
        dimension=feature.dimension,
        form=feature.form,
        worse=feature.worse,
        cause=feature.cause,
        unit=feature.unit,
        sentence=feature.says,
        sentence_not=feature.says_not,
        sentence_zero=feature.says_zero,
        sentence_missing=feature.says_missing,
        actionable=feature.actionable,
        moves=feature.moves,
        goal=feature.goal,
        goal_value="missing" if goal is not None and math.isnan(goal) else goal,
        stands_out_below=feature.stands_out_below,
        stands_out_above=feature.stands_out_above,
        speaks=feature.speaks,
        made_of=json.loads(feature.value.meta.serialize(format="json")),
    )


def _as_feature(stored: _Stored) -> Feature:
    try:
        value = pl.Expr.deserialize(io.StringIO(json.dumps(stored.made_of)), format="json")
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"made_of of {stored.name}: {error}") from error
    return Feature(
        name=stored.name,
        value=value,
        dimension=stored.dimension,
        form=stored.form,
        worse=stored.worse,
        cause=stored.cause,
        unit=stored.unit,
        says=stored.sentence,
        says_not=stored.sentence_not,
        says_zero=stored.sentence_zero,
        says_missing=stored.sentence_missing,
        actionable=stored.actionable,
        moves=stored.moves,
        goal=stored.goal,
        goal_value=math.nan if stored.goal_value == "missing" else stored.goal_value,
        stands_out_below=stored.stands_out_below,
        stands_out_above=stored.stands_out_above,
        speaks=stored.speaks,
    )
