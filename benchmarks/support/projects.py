"""Project folders to measure in, away from the checkout."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from pipeline.commands.dvc_file import DVC_FILES, stage_entries

ROOT = Path(__file__).parents[2]
_DATA = (Path("data/contracts"), Path("data/external/rates"))
_CODE = (Path("features"), Path("models"), Path("pipeline"))
_NOT_CODE = shutil.ignore_patterns("__pycache__", "*.pyc")


def lay_out(
    folder: Path, changes: dict[str, dict[str, Any]] | None = None, *, with_code: bool = False
) -> None:
    """Put params.yaml (with `changes` by section), contracts and rates into `folder`, for `dvc repro` the code too."""
    for path in (*_DATA, *(_CODE if with_code else ())):
        shutil.copytree(ROOT / path, folder / path, ignore=_NOT_CODE, dirs_exist_ok=True)
    for name in (*DVC_FILES, Path(".dvcignore")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / "params.yaml").write_text(parameters(changes or {}), "utf-8")


def parameters(changes: dict[str, dict[str, Any]]) -> str:
    """The project's params.yaml with `changes` by section."""
    values: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    return yaml.safe_dump({name: {**section, **changes.get(name, {})} for name, section in values.items()})


def stages() -> list[str]:
    """The stages that run on the demo log, in the order of running."""
    return [name for name in stage_entries(ROOT) if name != "fetch_log"]


def environment(folder: Path) -> dict[str, str]:
    """Settings that keep all files of DVC and MLflow in `folder`."""
    return {
        "DVC_ROOT": str(folder),
        "DVC_SITE_CACHE_DIR": str(folder / ".dvc/site"),
        "DVC_NO_ANALYTICS": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
    }
