"""What `metrics.json` says of the model behind a list: its grade, and whether the baseline should score instead."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.learning.list_model import ScoredBy
from pipeline.errors import InputError
from pipeline.storage.files import read_whole_json

_GRADES = "ABC"


@dataclass(frozen=True, slots=True)
class ModelQuality:
    """The grade of the list with its reason, whose probability the list has, and why."""

    grade: str
    grade_because: str
    scored_by: ScoredBy
    scored_because: str

    def as_json(self) -> dict[str, Any]:
        """The entries of `summary.json`."""
        return {
            "grade": self.grade,
            "grade_because": self.grade_because,
            "scored_by": self.scored_by,
            "scored_because": self.scored_because,
        }


def quality_of_model(metrics: Path, scorer: Literal["model", "baseline", "better"]) -> ModelQuality:
    """The quality in the file `metrics`; `scorer`: `policy.scorer`. Raises InputError when the file lacks it."""
    content = read_whole_json(metrics)
    lacking = [name for name in ("grade", "grade_because", "scorer") if name not in content]
    if lacking:
        raise InputError(f"{metrics}: {', '.join(lacking)} is missing.\nRun: dvc repro evaluate")
    if scorer == "better":
        scored_by: ScoredBy = content["scorer"]["better"]
        because = str(content["scorer"]["because"])
    else:
        scored_by, because = scorer, f"policy.scorer is {scorer}"
    return ModelQuality(content["grade"], content["grade_because"], scored_by, because)


def refuse_low_grade(quality: ModelQuality, least: str) -> None:
    """Raise InputError when the grade is lower than `least` (`list.least_grade`)."""
    if _GRADES.index(quality.grade) > _GRADES.index(least):
        raise InputError(
            f"The model has the grade {quality.grade}, and list.least_grade is {least}: {quality.grade_because}.\n"
            "No list was written. Train a better model, promote another one, or lower list.least_grade."
        )
