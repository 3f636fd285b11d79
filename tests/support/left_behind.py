"""What a command left: files by digest, and what an MLflow store says."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path


def digests_of(folder: Path, path: Path) -> dict[str, str]:
    """The digest of each file at or below `path` in `folder`, by its name there; locks are left out."""
    place = folder / path
    files = [place] if place.is_file() else sorted(file for file in place.rglob("*") if file.is_file())
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if not file.name.endswith(".lock") and not file.name.startswith(".lock-")
    }


_SAYS = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(f"sqlite:///{sys.argv[1]}/mlflow.db")
runs = client.search_runs([one.experiment_id for one in client.search_experiments()])
models = client.search_registered_models()
print(json.dumps({
    "finished runs": sum(run.info.status == "FINISHED" for run in runs),
    "running": sum(run.info.status == "RUNNING" for run in runs),
    "versions": len(client.search_model_versions()),
    "aliases": [sorted(one.aliases) for one in models],
    "tags": [sorted((name, value) for name, value in one.tags.items()) for one in models],
}))
"""


def said_by_store(folder: Path) -> dict[str, str]:
    """What the MLflow store in `folder` says of runs, versions and the champion."""
    done = subprocess.run(
        [sys.executable, "-c", _SAYS, str(folder)], capture_output=True, text=True, check=True,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    return {name: str(value) for name, value in json.loads(done.stdout.splitlines()[-1]).items()}


def differing(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """The first names whose digests differ."""
    names = sorted({*found, *expected})
    return [name for name in names if found.get(name) != expected.get(name)][:5]
