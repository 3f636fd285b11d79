"""A run whose process was killed is closed, and its version goes; others are left alone."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.tracking.store import store_of
from tests.support.finished import MLFLOW_WARNINGS, mlflow_store_at

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]


def gone() -> int:
    """The number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_only_runs_of_processes_that_are_gone_are_closed_with_their_versions(tmp_path: Path) -> None:
    from pipeline.tracking.connection import connected_to, experiment_of  # noqa: PLC0415  # MLflow takes seconds
    from pipeline.tracking.unfinished import close_unfinished, this_process  # noqa: PLC0415

    store, here = store_of(None, "shop", "shop", tmp_path), socket.gethostname()
    processes = {
        "dead": f"{here}:{gone()}",
        "alive": f"{here}:{os.getppid()}",
        "elsewhere": "far:1",
        "unknown": "",
    }
    with mlflow_store_at(tmp_path), connected_to(store) as client:
        experiment = experiment_of(client, store)
        client.create_registered_model("shop")
        runs = {}
        for name, process in processes.items():
            run = client.create_run(experiment, tags={"process": process} if process else {})
            client.create_model_version("shop", f"{run.info.artifact_uri}/model", run.info.run_id)
            runs[name] = run.info.run_id
        assert close_unfinished(client, experiment) == 1
        status = {name: client.get_run(run_id).info.status for name, run_id in runs.items()}
        assert status == {"dead": "KILLED", "alive": "RUNNING", "elsewhere": "RUNNING", "unknown": "RUNNING"}
        left = {version.run_id for version in client.search_model_versions("name = 'shop'")}
        assert left == set(runs.values()) - {runs["dead"]}
        assert close_unfinished(client, experiment) == 0
        assert this_process() == {"process": f"{here}:{os.getpid()}"}
