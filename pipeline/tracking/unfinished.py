"""Runs whose process was killed. Importing it takes seconds: import it only where it is used.

Promise: a run of a process that still lives, or of another machine, is left alone.
"""

import os
import socket

from mlflow import MlflowClient

from pipeline.tracking.versions import CHAMPION

PROCESS_TAG = "process"
"""Of a run: the machine and the process that writes it, `HOST:PID`."""
_MOST_RUNS = 1000


def this_process() -> dict[str, str]:
    """The tag of a run that this process writes."""
    return {PROCESS_TAG: f"{socket.gethostname()}:{os.getpid()}"}


def close_unfinished(client: MlflowClient, experiment: str) -> int:
    """Close as KILLED the runs in `experiment` whose process is gone, and delete the versions they left behind.

    Returns their number. A version of an unfinished run is complete or not, nobody knows; no decision was made on it.
    One that somebody has made champion stays.
    """
    runs = client.search_runs([experiment], "attributes.status = 'RUNNING'", max_results=_MOST_RUNS)
    gone = [run.info.run_id for run in runs if _is_gone(run.data.tags.get(PROCESS_TAG, ""))]
    for run_id in gone:
        for version in client.search_model_versions(f"run_id = '{run_id}'"):
            if not _is_champion(client, version.name, version.version):
                client.delete_model_version(version.name, version.version)
        client.set_terminated(run_id, "KILLED")
    return len(gone)


def _is_champion(client: MlflowClient, model: str, number: str) -> bool:
    return CHAMPION in client.get_model_version(model, number).aliases


def _is_gone(process: str) -> bool:
    host, _, number = process.rpartition(":")
    if host != socket.gethostname() or not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:  # a process of somebody else
        return False
    return False
