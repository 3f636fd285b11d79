"""Shows the paths of the results; `make repro` prints them at its end. Promise: it changes no result."""

from pathlib import Path
from typing import Any

from pipeline.config.sections import Params
from pipeline.storage.commit import finish_commits
from pipeline.storage.datasets import CRM_FILE, CRM_TABLE, METRICS_REPORT, MLFLOW_REPORT, SHOWN
from pipeline.storage.files import found_whole, read_whole_json
from pipeline.storage.frames import read_table


def where_things_are(root: Path, params: Params) -> str:
    """A line for each of SHOWN below `root`: its path and a summary, or the command that makes it."""
    for data_set in SHOWN.values():
        finish_commits(root / data_set.path)
    in_short = {
        CRM_FILE: _crm_list(root),
        METRICS_REPORT: _metrics(root),
        MLFLOW_REPORT: _mlflow(root, params),
    }
    lines = {name: in_short.get(data_set) or _file(root, data_set.path) for name, data_set in SHOWN.items()}
    width = max(map(len, lines)) + 2
    return "\n".join(f"{name + ':':<{width}}{line}" for name, line in lines.items())


def _crm_list(root: Path) -> str:
    table = root / CRM_TABLE.path
    if not table.is_file():
        return _file(root, CRM_FILE.path)
    rows = read_table(table, ["user_id"]).height
    return f"{_file(root, CRM_FILE.path)}  ({rows:,} users, in the order of contact)"


def _metrics(root: Path) -> str:
    path = METRICS_REPORT.path
    if not (root / path).is_file():
        return _file(root, path)
    metrics = read_whole_json(root / path)
    with found_whole(root / path):
        auc, grade = metrics["list"].get("auc"), metrics["grade"]
    if auc is None or auc["value"] is None:
        return f"{_file(root, path)}  (no AUC of lists: the lists of the test period hold one class; grade {grade})"
    interval = f"95 % interval {auc['low']:.3f} to {auc['high']:.3f}"
    return f"{_file(root, path)}  (AUC of lists {auc['value']:.3f}, {interval}; grade {grade})"


def _mlflow(root: Path, params: Params) -> str:
    path = root / MLFLOW_REPORT.path
    if not path.is_file():
        return "no run yet; make it: lastlogin track"
    run: dict[str, Any] = read_whole_json(path)
    with found_whole(path):
        look = _how_to_look(params.tracking.uri, run["uri"])
        model = f"models:/{run['model_name']}/{run['model_version']}"
        return f"run {run['run_name']} in experiment {run['experiment']}; open it: {look}; its model: {model}"


def _how_to_look(asked: str | None, uri: str) -> str:
    if asked is None:
        return "make mlflow"
    return uri if uri.startswith("http") else f"mlflow ui --backend-store-uri {uri}"


def _file(root: Path, path: Path) -> str:
    return str(root / path) if (root / path).exists() else f"{root / path} is not there; make it: dvc repro"
