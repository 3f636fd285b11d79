"""The evaluation of past lists as a run of MLflow. Importing it takes seconds: import it only where it is used."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import mlflow

from pipeline.tracking.connection import connected_to, experiment_of
from pipeline.tracking.store import Store
from pipeline.tracking.unfinished import close_unfinished, this_process

RUN_NAME = "judge"
_TO_DO = "The evaluation itself is safe on disk. When MLflow can be reached, record it again: lastlogin judge"


def log_evaluation(
    store: Store,
    digest: str,
    parameters: Mapping[str, str],
    metrics: Mapping[str, float],
    files: Sequence[Path],
) -> str:
    """Log an evaluation of past lists as the run `judge`, and give the id of the run.

    One with the same `digest` that is already logged stays the only one. Raises InputError when the store cannot be
    reached.
    """
    with connected_to(store, _TO_DO) as client:
        experiment = experiment_of(client, store)
        wanted = f"tags.judge_digest = '{digest}' and attributes.status = 'FINISHED'"
        runs = client.search_runs([experiment], wanted)
        if runs:
            return str(runs[0].info.run_id)
        close_unfinished(client, experiment)
        tags = {"judge_digest": digest, **this_process()}
        with mlflow.start_run(experiment_id=experiment, run_name=RUN_NAME, tags=tags) as run:
            mlflow.log_params(dict(parameters))
            mlflow.log_metrics(dict(metrics))
            for file in files:
                mlflow.log_artifact(str(file))
            return str(run.info.run_id)
