"""One result of the pipeline: its files and its parameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.labels.churn import Churn
from pipeline.config.section import Section, section_name
from pipeline.config.sections import Evaluate, Label, Log, Split
from pipeline.learning.churn_in_use import churn_of
from pipeline.storage.digests import digest_of
from pipeline.storage.files import read_whole_json


@dataclass(frozen=True, slots=True)
class Files:
    """The files and folders of a result, by what they hold."""

    model: Path
    logins: Path
    landmarks: Path
    predictions: Path
    list_predictions: Path
    profiles: Path
    ingest_report: Path
    curve: Path
    metrics: Path
    plots: Path
    report: Path
    model_card: Path
    drift_report: Path
    segments: Path
    causes: Path
    figures: Path
    figure_rows: Path
    cohorts: Path
    fade: Path
    plays: Path

    def digested(self) -> dict[str, Path]:
        """The files that identify a result.

        Others depend on these: `logins` and `landmarks` determine the model and its predictions, and the two pages
        repeat other files.
        """
        names = (
            "model", "predictions", "list_predictions", "profiles", "ingest_report", "curve", "metrics", "plots",
            "drift_report", "segments", "causes", "figures", "cohorts", "plays",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Result:
    """A result and its sections. `parameters`: all values of params.yaml that the result depends on, by full name."""

    files: Files
    log: Log
    label: Label
    split: Split
    evaluate: Evaluate
    parameters: Mapping[str, Any]

    @property
    def churn(self) -> Churn:
        """The definition of churn of this result."""
        return churn_of(self.label)

    @property
    def grade(self) -> str:
        """The grade of the evaluated model: A, B or C."""
        return str(read_whole_json(self.files.metrics)["grade"])

    def digest(self, recording: Mapping[str, Any]) -> str:
        """The digest of the result. `recording`: settings of the record; other settings make another run."""
        return digest_of(self.files.digested(), {**self.parameters, **recording})


def parameters(sections: Sequence[Section]) -> dict[str, Any]:
    """The values of params.yaml's `sections`, by full name: `train.leaves`, `label.drop.share`."""
    return {
        name: value
        for section in sections
        for name, value in _flat(section_name(type(section)), section.model_dump(mode="json"))
    }


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", value
