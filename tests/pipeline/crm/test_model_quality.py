"""The grade of a list, and who scores it, come from metrics.json."""

from pathlib import Path

import pytest

from pipeline.crm.model_quality import quality_of_model, refuse_low_grade
from pipeline.errors import InputError
from pipeline.storage.files import write_json

KNOWN = {
    "grade": "B",
    "grade_because": "not clearly better",
    "scorer": {"better": "baseline", "because": "worse"},
}


def test_better_takes_what_was_measured_and_any_other_what_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    write_json(KNOWN, file)
    assert quality_of_model(file, "better").scored_by == "baseline"
    assert quality_of_model(file, "better").scored_because == "worse"
    assert quality_of_model(file, "model").scored_by == "model"
    assert quality_of_model(file, "baseline").scored_because == "policy.scorer is baseline"


def test_metrics_of_an_older_version_are_refused_with_what_is_missing(tmp_path: Path) -> None:
    write_json({"grade": "A"}, tmp_path / "metrics.json")
    with pytest.raises(InputError, match="grade_because, scorer is missing"):
        quality_of_model(tmp_path / "metrics.json", "model")


@pytest.mark.parametrize(("least", "refused"), [("A", True), ("B", False), ("C", False)])
def test_a_grade_below_the_least_one_is_refused(tmp_path: Path, least: str, refused: bool) -> None:  # noqa: FBT001
    write_json(KNOWN, tmp_path / "metrics.json")
    quality = quality_of_model(tmp_path / "metrics.json", "model")
    if not refused:
        refuse_low_grade(quality, least)
        return
    with pytest.raises(InputError, match=r"grade B, and list\.least_grade is A: not clearly better"):
        refuse_low_grade(quality, least)
