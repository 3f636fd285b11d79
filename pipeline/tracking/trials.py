"""The trials of a search as runs of MLflow. Importing it takes seconds: import it only where it is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mlflow

from pipeline.tracking.connection import connected_to, experiment_of
from pipeline.tracking.store import Store
from pipeline.tracking.unfinished import close_unfinished, this_process

_MOST_TRIALS = 5_000


@dataclass(frozen=True, slots=True)
class Trial:
    """`loss`: the mean log loss, None without one; `ended`: complete, pruned or failed."""

    name: str
    settings: Mapping[str, Any]
    loss: float | None
    ended: str


def log_trials(store: Store, search: str, tags: Mapping[str, str], trials: Sequence[Trial]) -> str:
    """Log `trials` as runs nested in one run `search`, and give the id of that run.

    A trial that is already logged is skipped. Raises InputError when the store cannot be reached.
    """
    with connected_to(store, "The search itself is safe in tune.db. Log it again: lastlogin tune") as client:
        experiment = experiment_of(client, store)
        close_unfinished(client, experiment)
        runs = client.search_runs(
            [experiment], f"tags.search = '{search}' and tags.`mlflow.runName` = '{search}'"
        )
        parent = runs[0].info.run_id if runs else None
        with mlflow.start_run(
            run_id=parent,
            experiment_id=experiment,
            run_name=search,
            tags={**tags, **this_process(), "search": search},
        ) as run:
            parent = str(run.info.run_id)
            nested = client.search_runs(
                [experiment], f"tags.`mlflow.parentRunId` = '{parent}'", max_results=_MOST_TRIALS
            )
            logged = {child.info.run_name for child in nested}
            for trial in trials:
                if trial.name not in logged:
                    _log_trial(trial, experiment)
            return parent


def _log_trial(trial: Trial, experiment: str) -> None:
    with mlflow.start_run(
        experiment_id=experiment,
        run_name=trial.name,
        nested=True,
        tags={"ended": trial.ended, **this_process()},
    ):
        mlflow.log_params(dict(trial.settings))
        if trial.loss is not None:
            mlflow.log_metric("mean_log_loss", trial.loss)
