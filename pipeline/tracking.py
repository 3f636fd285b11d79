"""The one module that talks to MLflow. Importing it takes seconds: import it only where it is used.

Promise: what has the same digest becomes one finished run and one version of the model, however often it
is recorded; what MLflow cannot take ends in one message, and nothing on disk is lost.
"""

import contextlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import mlflow
import requests
import sqlalchemy.exc
from mlflow import MlflowClient
from mlflow.data.pandas_dataset import from_pandas
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature, set_model
from mlflow.pyfunc.model import PythonModel
from mlflow.types.schema import ColSpec, Schema

from pipeline.errors import InputError
from pipeline.run_content import LoggedModel, RunContent

__all__ = ["PythonModel", "Store", "Tracked", "champion", "earlier_run", "new_run", "set_model", "store_of"]

CHAMPION = "champion"
DIGEST_TAG = "inputs_digest"
_DATA_DIGEST_DIGITS = 32  # MLflow takes at most 36
_SAFE = (
    "Model, metrics and report are safe on disk. When MLflow can be reached, or with tracking.uri "
    "corrected in params.yaml, run: lastlogin track"
)
_UNAVAILABLE = (MlflowException, requests.RequestException, sqlalchemy.exc.SQLAlchemyError, OSError)


@dataclass(frozen=True, slots=True)
class Store:
    """Where runs go. `artefacts`: the folder of a local store's artefacts; None: the server decides."""

    uri: str
    experiment: str
    model_name: str
    artefacts: Path | None

    @property
    def shown(self) -> str:
        """The URI without user and password."""
        parts = urlsplit(self.uri)
        return (
            self.uri.replace(f"{parts.netloc.rpartition('@')[0]}@", "") if "@" in parts.netloc else self.uri
        )


@dataclass(frozen=True, slots=True)
class Tracked:
    """A finished run and the version of the model that it made."""

    run_id: str
    run_name: str
    model_version: str | None


def store_of(uri: str | None, experiment: str, model_name: str, root: Path) -> Store:
    """The store that `uri` names; null: `mlflow.db` at `root`, artefacts beside it in `mlartifacts/`.

    A path in a SQLite URI that is not absolute counts from `root`, wherever the stage runs.
    """
    if uri is not None and not uri.startswith("sqlite:///"):
        return Store(uri, experiment, model_name, None)
    file = root.resolve() / (uri or "sqlite:///mlflow.db").removeprefix("sqlite:///")
    return Store(f"sqlite:///{file}", experiment, model_name, file.parent / "mlartifacts")


def earlier_run(store: Store, digest: str) -> Tracked | None:
    """The finished run with this digest of its inputs, if there is one.

    Raises InputError when the store cannot be reached.
    """
    with _talking_to(store) as client:
        experiment = client.get_experiment_by_name(store.experiment)
        if experiment is None:
            return None
        wanted = f"tags.{DIGEST_TAG} = '{digest}' and attributes.status = 'FINISHED'"
        runs = client.search_runs([experiment.experiment_id], wanted, order_by=["attributes.start_time ASC"])
        if not runs:
            return None
        run = runs[0].info
        versions = client.search_model_versions(f"run_id = '{run.run_id}'")
        numbers = [int(found.version) for found in versions if found.name == store.model_name]
        return Tracked(run.run_id, run.run_name, str(min(numbers)) if numbers else None)


def new_run(store: Store, content: RunContent) -> Tracked:
    """A run of all of `content`, whose model becomes the champion.

    A run that fails half-way is marked so, and not found again. Raises InputError when the store cannot
    be reached or refuses.
    """
    with _talking_to(store) as client:
        tags = {**content.tags, DIGEST_TAG: content.digest, "data_digest": content.data_digest}
        with mlflow.start_run(
            experiment_id=_experiment(client, store), run_name=content.name, tags=tags
        ) as run:
            model = _log_model(content.model)
            _log_facts(content, model.model_id)
            version = str(mlflow.register_model(model.model_uri, store.model_name).version)
            client.set_registered_model_alias(store.model_name, CHAMPION, version)
            return Tracked(run.info.run_id, content.name, version)


def champion(store: Store, place: Path) -> Path:
    """The model folder of the registry's champion, brought to `place`.

    Raises InputError when the store cannot be reached or has no champion.
    """
    uri = f"models:/{store.model_name}@{CHAMPION}"
    needed = f"The list needs {uri}. Make one with: dvc repro track"
    with _talking_to(store, needed):
        folder = mlflow.artifacts.download_artifacts(uri, dst_path=str(place))
        return next(Path(folder).rglob("booster.txt")).parent


@contextlib.contextmanager
def _talking_to(store: Store, to_do: str = _SAFE) -> Iterator[MlflowClient]:
    """A client that gives up within a minute, not after MLflow's many, and then says what to do."""
    for name, value in (("MAX_RETRIES", "2"), ("BACKOFF_FACTOR", "1"), ("TIMEOUT", "15")):
        os.environ.setdefault(f"MLFLOW_HTTP_REQUEST_{name}", value)
    try:
        mlflow.set_tracking_uri(store.uri)
        yield MlflowClient()
    except _UNAVAILABLE as error:
        why = str(error).replace(store.uri, store.shown).splitlines() or [type(error).__name__]
        raise InputError(
            f"tracking.uri = {store.shown}: MLflow did not do what was asked.\n{why[0][:500]}\n{to_do}"
        ) from error


def _experiment(client: MlflowClient, store: Store) -> str:
    found = client.get_experiment_by_name(store.experiment)
    if found is not None:
        return str(found.experiment_id)
    place = None if store.artefacts is None else store.artefacts.as_uri()
    return str(client.create_experiment(store.experiment, artifact_location=place))


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
    """Log from inside `model.folder`: MLflow notes paths as given, and they are to name no place on this machine."""
    signature = ModelSignature(
        inputs=Schema([ColSpec("double", str(name)) for name in model.example.columns]),
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
