"""Runs of MLflow. Importing it takes seconds: import it only where it is used.

Promise: each digest has one finished run and one version of the model, even when it is recorded again.
"""

import contextlib
import warnings
from dataclasses import dataclass
from typing import Any

import mlflow
from mlflow.data.pandas_dataset import from_pandas
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema

from pipeline.tracking.connection import connected_to, experiment_of
from pipeline.tracking.logged_model import LoggedModel
from pipeline.tracking.run_content import RunContent
from pipeline.tracking.store import Store
from pipeline.tracking.unfinished import close_unfinished, this_process
from pipeline.tracking.versions import CHALLENGER

DIGEST_TAG = "inputs_digest"
_DATA_DIGEST_DIGITS = 32  # MLflow takes at most 36


@dataclass(frozen=True, slots=True)
class Tracked:
    """A finished run and the version of the model that it made."""

    run_id: str
    run_name: str
    model_version: str | None

    def as_json(self, store: Store, digest: str) -> dict[str, Any]:
        """Where the run of the result with this digest is."""
        return {
            "uri": store.shown,
            "experiment": store.experiment,
            "run_id": self.run_id,
            "run_name": self.run_name,
            "model_name": store.model_name,
            "model_version": self.model_version,
            "digest": digest,
        }


def earlier_run(store: Store, digest: str) -> Tracked | None:
    """The finished run with this digest of its inputs, or None.

    Raises InputError when the store cannot be reached.
    """
    with connected_to(store) as client:
        experiment = client.get_experiment_by_name(store.experiment)
        if experiment is None:
            return None
        wanted = f"tags.{DIGEST_TAG} = '{digest}' and attributes.status = 'FINISHED'"
        runs = client.search_runs([experiment.experiment_id], wanted, order_by=["attributes.start_time ASC"])
        if not runs:
            return None
        run = runs[0].info
        versions = client.search_model_versions(f"run_id = '{run.run_id}'")
        numbers = [int(version.version) for version in versions if version.name == store.model_name]
        return Tracked(run.run_id, run.run_name, str(min(numbers)) if numbers else None)


def new_run(store: Store, content: RunContent) -> Tracked:
    """A run of all of `content`, whose model becomes a version with the alias `challenger`.

    A run that fails half-way is marked as failed, and `earlier_run` skips it. Runs that were killed are closed first.
    Raises InputError when the store cannot be reached or refuses.
    """
    with connected_to(store) as client:
        experiment = experiment_of(client, store)
        close_unfinished(client, experiment)
        tags = {
            **content.tags,
            **this_process(),
            DIGEST_TAG: content.digest,
            "data_digest": content.data_digest,
        }
        with mlflow.start_run(experiment_id=experiment, run_name=content.name, tags=tags) as run:
            model = _log_model(content.model)
            _log_facts(content, model.model_id)
            made = mlflow.register_model(model.model_uri, store.model_name, tags=dict(content.version_tags))
            number = str(made.version)
            client.set_registered_model_alias(store.model_name, CHALLENGER, number)
            return Tracked(run.info.run_id, content.name, number)


def _log_facts(content: RunContent, model_id: str) -> None:
    with warnings.catch_warnings():  # a local path fits two like entries of MLflow's list of sources
        warnings.filterwarnings("ignore", "The specified dataset source can be interpreted", UserWarning)
        data = from_pandas(
            content.predictions,
            source=content.predictions_source,
            targets="churned",
            predictions="probability",
            name=content.predictions_name,
            digest=content.data_digest[:_DATA_DIGEST_DIGITS],
        )
    mlflow.log_params(dict(content.parameters))
    mlflow.log_metrics(dict(content.metrics), model_id=model_id)
    mlflow.log_input(data, context="test")
    for path in content.artefacts:
        if path.is_dir():
            mlflow.log_artifacts(str(path), path.name)
        else:
            mlflow.log_artifact(str(path))
    for name, table in content.tables.items():
        mlflow.log_table(table, name)


def _log_model(model: LoggedModel) -> Any:
    """Log from inside `model.folder`: MLflow stores paths as given, and they must not name paths of this machine."""
    signature = ModelSignature(
        inputs=Schema(
            [
                *(ColSpec("double", str(name)) for name in model.example.columns),
                *(ColSpec("double", name, required=False) for name in model.optional),
            ]
        ),
        outputs=Schema([ColSpec(kind, name, required=False) for name, kind in model.outputs.items()]),
    )
    with contextlib.chdir(model.folder):
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=model.code,
            artifacts=dict(model.artefacts),
            code_paths=[str(path) for path in model.code_paths],
            signature=signature,
            input_example=model.example,
            pip_requirements=list(model.requirements),
        )
