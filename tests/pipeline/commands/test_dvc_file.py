"""`make dvc`: what the code says is written, and what people wrote stays."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.commands.dvc_file import DVC_FILES, stage_entries, stage_names, write_dvc_files
from pipeline.errors import InputError
from tests.support.paths import ROOT

WRITTEN = (ROOT / "dvc.yaml").read_text("utf-8")


def rewritten(root: Path, content: str) -> str:
    """What `make dvc` makes of a dvc.yaml with this content."""
    for file in DVC_FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, root / file)
    (root / "dvc.yaml").write_text(content, "utf-8")
    write_dvc_files(root)
    return (root / "dvc.yaml").read_text("utf-8")


def stages(content: str) -> dict[str, Any]:
    entries: dict[str, Any] = yaml.safe_load(content)["stages"]
    return entries


def changed(old: str, new: str) -> str:
    """dvc.yaml with the first `old` replaced."""
    assert old in WRITTEN
    return WRITTEN.replace(old, new, 1)


def without(stage: str) -> str:
    """dvc.yaml as it was before that stage."""
    before, name, after = WRITTEN.partition(f"\n  {stage}:\n")
    return before + after[after.index("\n\n") + 1 :] if name else before


def test_a_stage_without_an_entry_gets_one(tmp_path: Path) -> None:
    content = rewritten(tmp_path, without("activity"))
    made, written = stages(content)["activity"], stages(WRITTEN)["activity"]
    assert list(stages(content))[-1] == "activity"
    assert made == written
    assert sorted(stage_entries(tmp_path)) == stage_names()


def test_an_entry_without_a_stage_goes_and_the_others_stay_as_they_are(tmp_path: Path) -> None:
    gone = "  gone:\n    cmd: python -m pipeline.stages.gone\n    outs: [data/gone]\n\n"
    assert rewritten(tmp_path, changed("  ingest:\n", f"{gone}  ingest:\n")) == WRITTEN


@pytest.mark.parametrize(
    ("comment", "before"),
    [
        ("  # Above a stage.\n", "  ingest:\n"),
        ("      # Above a dependency that stays.\n", "      - data/activity\n"),
        ("    # Above a key.\n", "    params: [label, define]\n"),
        ("\n# Above what is no stage.\n", "plots:\n  - reports/plots/roc.csv"),
    ],
)
def test_comments_stay_where_they_were(comment: str, before: str, tmp_path: Path) -> None:
    commented = changed(before, comment + before)
    assert rewritten(tmp_path, commented) == commented


def test_a_comment_beside_a_dependency_stays_beside_it_when_others_come_before_it(tmp_path: Path) -> None:
    commented = WRITTEN.replace("- data/activity\n", "- data/activity    # in buckets\n", 1)
    shorter = commented.replace(
        "      - ${log.contract}\n      - data/activity ", "      - data/activity ", 1
    )
    assert shorter != commented
    assert rewritten(tmp_path, shorter) == commented


@pytest.mark.parametrize("lines", ["\n", "\n\n\n"])
def test_one_blank_line_parts_the_stages(lines: str, tmp_path: Path) -> None:
    assert rewritten(tmp_path, changed("\n\n  ingest:", f"{lines}  ingest:")) == WRITTEN


def test_dependencies_on_paths_of_params_stay(tmp_path: Path) -> None:
    content = rewritten(tmp_path, changed("- ${rates.path}\n", "- ${rates.path}\n      - ${log.path}\n"))
    assert stages(content)["rates"]["deps"][:2] == ["${rates.path}", "${log.path}"]


def test_an_output_that_is_written_no_more_goes_and_the_others_are_plotted_as_before(tmp_path: Path) -> None:
    more = changed("      - reports/plots\n\n", "      - reports/plots\n      - reports/old.csv: {x: a}\n\n")
    assert rewritten(tmp_path, more) == WRITTEN


def test_a_new_output_is_listed(tmp_path: Path) -> None:
    content = rewritten(
        tmp_path, changed("    outs: [data/events, data/quarantine, ", "    outs: [data/quarantine, ")
    )
    assert set(stages(content)["ingest"]["outs"]) == set(stages(WRITTEN)["ingest"]["outs"])


def test_a_line_that_belongs_to_no_stage_is_refused_not_lost(tmp_path: Path) -> None:
    odd = changed("  ingest:\n", "   ingest:\n")
    with pytest.raises(InputError, match=r"dvc\.yaml: ingest:\nWrite `stages:` on a line of its own"):
        rewritten(tmp_path, odd)
    assert (tmp_path / "dvc.yaml").read_text("utf-8") == odd


def test_the_files_of_the_project_are_up_to_date(tmp_path: Path) -> None:
    rewritten(tmp_path, WRITTEN)
    for file in DVC_FILES:
        assert (tmp_path / file).read_text("utf-8") == (ROOT / file).read_text("utf-8"), "run: make dvc"


def test_an_entry_in_a_file_of_its_own_is_brought_up_to_date_there(tmp_path: Path) -> None:
    rewritten(tmp_path, WRITTEN)
    demo_file = tmp_path / "data/raw/dvc.yaml"
    before = demo_file.read_text("utf-8")
    demo_file.write_text(before.replace("      - pipeline/demo\n", ""), "utf-8")
    write_dvc_files(tmp_path)
    assert demo_file.read_text("utf-8") == before


def test_dependencies_are_few() -> None:
    code = {
        name: [dep for dep in entry["deps"] if dep.split("/")[0] in ("pipeline", "features", "models")]
        for name, entry in stages(WRITTEN).items()
    }
    assert {name: len(deps) for name, deps in code.items() if len(deps) > 13} == {}
