"""`params.yaml` as frozen models: the file holds every value, the models hold none.

An unknown key or a value out of range stops the run with the key's full name, the value and what is
allowed. A stage sees only the sections that its `run` names.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import InputError

Share = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[int, Field(ge=1, le=3650)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Section(BaseModel):
    """One section of params.yaml; its name there is the class name in lower case."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Log(Section):
    path: str
    files: str
    contract: str
    ends_on: date | None
    warm_up_days: int = Field(ge=0, le=3650)


class Simulate(Section):
    users: int = Field(ge=50, le=20_000_000)
    days: int = Field(ge=30, le=3650)
    seed: Seed


class Rates(Section):
    path: str
    base: str = Field(pattern="^[A-Z]{3}$")
    max_age_days: int = Field(ge=1, le=366)


class Ingest(Section):
    max_quarantined: float = Field(ge=0, le=1)
    chunk_rows: int = Field(ge=1_000, le=50_000_000)


class Engine(Section):
    kind: Literal["local"]
    buckets: int = Field(ge=1, le=4096)


class Label(Section):
    kind: Literal["inactivity"]
    horizon_days: Days
    lead_days: int = Field(ge=0, le=365)


class Split(Section):
    test_from: date | None
    test_share: Share


class Train(Section):
    seed: Seed
    threads: int = Field(ge=1, le=256)
    learning_rate: float = Field(gt=0, le=1)
    leaves: int = Field(ge=2, le=1024)
    feature_fraction: float = Field(gt=0, le=1)
    l2: float = Field(ge=0, le=10_000)
    max_rounds: int = Field(ge=10, le=20_000)
    patience_rounds: int = Field(ge=5, le=2_000)
    origins: int = Field(ge=1, le=12)
    min_rows: int = Field(ge=10, le=1_000_000)


class Evaluate(Section):
    bootstrap: int = Field(ge=20, le=10_000)
    seed: Seed


class Score(Section):
    high_from: Share
    medium_from: Share

    @model_validator(mode="after")
    def _in_order(self) -> "Score":
        if self.medium_from >= self.high_from:
            raise ValueError(f"medium_from must lie below high_from = {self.high_from}")
        return self


class Value(Section):
    horizon_days: Days


class Drift(Section):
    psi_warn: float = Field(gt=0, le=100)
    psi_stop: float = Field(gt=0, le=100)
    unseen_warn: float = Field(ge=0, le=1)
    unseen_stop: float = Field(ge=0, le=1)
    gone_stop: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> "Drift":
        for name in ("psi", "unseen"):
            if getattr(self, f"{name}_warn") > getattr(self, f"{name}_stop"):
                raise ValueError(f"{name}_warn must not lie above {name}_stop")
        return self


class Tracking(Section):
    uri: str | None
    experiment: str = Field(min_length=1)
    model_name: str = Field(min_length=1)


class Params(Section):
    """All of params.yaml."""

    log: Log
    simulate: Simulate
    rates: Rates
    ingest: Ingest
    engine: Engine
    label: Label
    split: Split
    train: Train
    evaluate: Evaluate
    score: Score
    value: Value
    drift: Drift
    tracking: Tracking


S = TypeVar("S", bound=Section)


def load_params(path: Path) -> Params:
    """The parameters in `path`.

    Raises InputError naming each key that is unknown, missing or out of range.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such file.\nRun from the project's root, where params.yaml is."
        )
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not readable as YAML: {error}\nMend the file at that line.") from error
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected sections such as `log:`, found {type(raw).__name__}.")
    try:
        return Params.model_validate(raw)
    except ValidationError as error:
        raise InputError("\n".join(_said(path, problem) for problem in error.errors())) from error


def _said(path: Path, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        allowed = ", ".join(_siblings(problem["loc"]))
        return f"{path}: unknown parameter {key} = {problem['input']!r}. Known here: {allowed}."
    if problem["type"] == "missing":
        return f"{path}: parameter {key} is missing. Every value stands in the file: add it."
    return f"{path}: {key} = {problem['input']!r} is not allowed. {problem['msg']}."


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Params
    for part in loc[:-1]:
        annotation = model.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        model = annotation
    return sorted(model.model_fields)
