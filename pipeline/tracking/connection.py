"""The connection to MLflow. Importing it takes seconds: import it only where it is used.

Promise: a failure of MLflow ends in one message that says what to do next.
"""

import contextlib
import os
from collections.abc import Iterator

import mlflow
import requests
import sqlalchemy.exc
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from pipeline.config.secrets import without_secrets
from pipeline.errors import InputError, StoreError
from pipeline.tracking.store import Store

_SAFE = (
    "Model, metrics and report are safe on disk. When MLflow can be reached, or with tracking.uri "
    "corrected in params.yaml, run: lastlogin track"
)
_NEVER_HELPS = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
_UNAVAILABLE = (MlflowException, requests.RequestException, sqlalchemy.exc.SQLAlchemyError, OSError)


@contextlib.contextmanager
def connected_to(store: Store, to_do: str = _SAFE) -> Iterator[MlflowClient]:
    """A client of `store`. It gives up within a minute; by default MLflow tries much longer.

    Raises StoreError when MLflow cannot be reached or refuses, InputError when it is asked for what there is not;
    `to_do` says what to do then.
    """
    for name, value in (("MAX_RETRIES", "2"), ("BACKOFF_FACTOR", "1"), ("TIMEOUT", "15")):
        os.environ.setdefault(f"MLFLOW_HTTP_REQUEST_{name}", value)
    try:
        mlflow.set_tracking_uri(store.uri)
        yield MlflowClient()
    except _UNAVAILABLE as error:
        why = without_secrets(str(error)).splitlines() or [type(error).__name__]
        refused = isinstance(error, MlflowException) and error.error_code in _NEVER_HELPS
        kind = InputError if refused else StoreError
        raise kind(
            f"tracking.uri = {store.shown}: MLflow did not do what was asked.\n{why[0][:500]}\n{to_do}"
        ) from error


def experiment_of(client: MlflowClient, store: Store) -> str:
    """The id of the store's experiment, which is created if needed."""
    experiment = client.get_experiment_by_name(store.experiment)
    if experiment is not None:
        return str(experiment.experiment_id)
    location = None if store.artefacts is None else store.artefacts.as_uri()
    return str(client.create_experiment(store.experiment, artifact_location=location))
