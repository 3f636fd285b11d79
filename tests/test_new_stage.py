"""A stage is added in four places: its module, its parameters, its output where outputs are shown, and `make dvc`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.paths import ROOT

STAGE = '''"""Stage `toy`: the login days of the log, times a factor."""

from pipeline.config.sections import Toy
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import ACTIVITY_REPORT, TOY_REPORT
from pipeline.storage.files import read_json, write_json


def run(toy: Toy, activity_report: In = ACTIVITY_REPORT.path, report: Out = TOY_REPORT.path) -> None:
    """Write the product."""
    write_json({"product": toy.factor * read_json(activity_report)["login_days"]}, report)


if __name__ == "__main__":
    main(run)
'''
PARAMS = "\ntoy:\n  factor: 3                # 1..10\n"
SECTION = """class Toy(Section):
    factor: int = Field(ge=1, le=10)


class Params(Section):"""


def replace(file: Path, old: str, new: str) -> None:
    """Replace the only `old` in `file`."""
    content = file.read_text("utf-8")
    assert content.count(old) == 1, f"{file}: {old!r}"
    file.write_text(content.replace(old, new), "utf-8")


def in_copy(root: Path, *command: str) -> str:
    """What a command prints that runs the copied code."""
    done = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code and parameters with the stage `toy`, before `make dvc`."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("pipeline", "features", "models", "data/contracts"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yaml", "dvc.yaml", "data/raw/dvc.yaml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "pipeline/stages/toy.py").write_text(STAGE, "utf-8")
    with (root / "params.yaml").open("a", encoding="utf-8") as params:
        params.write(PARAMS)
    replace(root / "pipeline/config/sections.py", "class Params(Section):", SECTION)
    replace(
        root / "pipeline/config/sections.py",
        "    tracking: Tracking\n",
        "    tracking: Tracking\n    toy: Toy\n",
    )
    data_sets = root / "pipeline/storage/datasets.py"
    replace(
        data_sets,
        "DATA_SETS: Final",
        'TOY_REPORT = Json(Path("reports/toy.json"), "toy")\n\nDATA_SETS: Final',
    )
    replace(data_sets, "PROMOTION_REPORT,\n)", "PROMOTION_REPORT, TOY_REPORT,\n)")
    replace(
        data_sets, '    "MLflow": MLFLOW_REPORT,\n', '    "MLflow": MLFLOW_REPORT,\n    "Toy": TOY_REPORT,\n'
    )
    (root / "reports").mkdir()
    (root / "reports/activity.json").write_text('{"login_days": 14}', "utf-8")
    return root


@pytest.mark.slow
def test_a_stage_is_added_in_four_places(copy: Path) -> None:
    before = yaml.safe_load((copy / "dvc.yaml").read_text("utf-8"))["stages"]
    in_copy(copy, "-m", "pipeline.commands.dvc_file")
    after = yaml.safe_load((copy / "dvc.yaml").read_text("utf-8"))["stages"]
    entry = after.pop("toy")
    assert after == before
    assert entry["cmd"] == "python -m pipeline.stages.toy"
    assert {"reports/activity.json", "pipeline/stages/toy.py", "pipeline/storage"} <= set(entry["deps"])
    assert (entry["params"], entry["outs"]) == (["toy"], ["reports/toy.json"])

    in_copy(copy, "-m", "pipeline.stages.toy")
    assert yaml.safe_load((copy / "reports/toy.json").read_text("utf-8")) == {"product": 42}
    assert in_copy(copy, "-m", "pipeline.cli", "where").splitlines()[-1] == "Toy:      reports/toy.json"
