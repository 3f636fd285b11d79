"""The one module that talks to MLflow. Importing it takes seconds: import it only where it is used.

Promise: what has the same digest becomes one finished run and one version of the model, however often it
is recorded; a version becomes champion by `promote` alone; what MLflow cannot take ends in one message, and
nothing on disk is lost.
"""

import contextlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from pipeline.tracking.run_content import LoggedModel, RunContent

__all__ = [
    "PythonModel", "Standing", "Store", "Tracked", "Version", "earlier_run", "log_trials", "model_folder", "new_run",
    "promote", "rollback", "set_model", "settle", "standing", "store_of", "version",
]  # fmt: skip

CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY_TAG = "champions"  # of the registered model: the versions that were champion, the latest last
PROMOTION_TAG = "promotion"  # of a version: what was decided of it, as JSON
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


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the registered model, with its tags."""

    number: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is champion, who is the latest challenger, and the versions that were champion, the latest last."""

    champion: str | None
    challenger: str | None
    history: tuple[str, ...]


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
    """A run of all of `content`, whose model becomes a version with the alias `challenger`.

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
            made = mlflow.register_model(model.model_uri, store.model_name, tags=dict(content.version_tags))
            number = str(made.version)
            client.set_registered_model_alias(store.model_name, CHALLENGER, number)
            return Tracked(run.info.run_id, content.name, number)


def standing(store: Store) -> Standing:
    """Champion, challenger and history of the registered model; nobody where there is no such model.

    Raises InputError when the store cannot be reached.
    """
    with _talking_to(store) as client:
        return _standing(client, store)


def version(store: Store, number: str) -> Version:
    """The version of this number. Raises InputError when there is none."""
    with _talking_to(
        store, f"Look at the versions of the model {store.model_name}, and name one of them."
    ) as client:
        found = client.get_model_version(store.model_name, number)
        return Version(str(found.version), dict(found.tags))


def settle(store: Store, tracked: Tracked, number: str, decision: Mapping[str, Any]) -> None:
    """Note on version `number` and its run what was decided of it, and let it take over if it `promoted`.

    Raises InputError when the store cannot be reached.
    """
    if decision["promoted"]:
        promote(store, number)
    with _talking_to(store) as client:
        client.log_dict(tracked.run_id, dict(decision), "promotion.json")
        client.set_model_version_tag(store.model_name, number, PROMOTION_TAG, json.dumps(decision))


def promote(store: Store, number: str) -> str | None:
    """Make version `number` the champion; gives the one before it.

    Raises InputError when there is no such version or the store cannot be reached.
    """
    with _talking_to(store, f"Name a version of the model {store.model_name} that there is.") as client:
        client.get_model_version(store.model_name, number)
        before = _standing(client, store)
        if before.champion == number:
            return number
        earlier = (
            [] if before.champion is None or before.champion in before.history[-1:] else [before.champion]
        )
        _crown(client, store, [*before.history, *earlier, number])
        return before.champion


def rollback(store: Store) -> tuple[str, str]:
    """Make the champion before this one champion again; gives the one that goes and the one that comes.

    Raises InputError when there was none before, or the store cannot be reached.
    """
    with _talking_to(store) as client:
        now = _standing(client, store)
        earlier = [number for number in now.history if number != now.champion]
        if now.champion is None or not earlier:
            raise InputError(
                f"{store.model_name}: the champion is {now.champion or 'nobody'}, and nobody was before.\n"
                f"Choose a version: lastlogin promote --version N (the challenger is {now.challenger or 'nobody'})"
            )
        kept = list(now.history)
        while kept and kept[-1] == now.champion:
            kept.pop()
        _crown(client, store, kept)
        return now.champion, kept[-1]


def model_folder(store: Store, number: str, place: Path) -> Path:
    """The model folder of version `number`, brought to `place`.

    Raises InputError when the store cannot be reached or the version holds no model of ours.
    """
    uri = f"models:/{store.model_name}/{number}"
    with _talking_to(store, f"{uri} is needed. Look whether its artefacts are still there."):
        folder = mlflow.artifacts.download_artifacts(uri, dst_path=str(place))
    found = next(Path(folder).rglob("booster.txt"), None)
    if found is None:
        raise InputError(
            f"{uri}: no booster.txt among its artefacts, so it is no model of lastlogin.\n"
            "Choose another: lastlogin promote --version N"
        )
    return found.parent


def log_trials(
    store: Store,
    name: str,
    tags: Mapping[str, str],
    trials: Sequence[tuple[str, Mapping[str, Any], float | None, str]],
) -> str:
    """The trials of a search as runs nested in one run `name`; what is there already is left. Gives its id.

    A trial: its name, parameters, mean log loss (null: none), and how it ended. Raises InputError when the store
    cannot be reached.
    """
    with _talking_to(store, "The search itself is safe in tune.db. Log it again: lastlogin tune") as client:
        experiment = _experiment(client, store)
        wanted = f"tags.search = '{name}' and tags.`mlflow.runName` = '{name}'"
        found = client.search_runs([experiment], wanted)
        parent = found[0].info.run_id if found else None
        with mlflow.start_run(
            run_id=parent, experiment_id=experiment, run_name=name, tags={**tags, "search": name}
        ) as run:
            inside = client.search_runs(
                [experiment], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'", max_results=5_000
            )
            known = {child.info.run_name for child in inside}
            for trial, values, loss, ended in trials:
                if trial in known:
                    continue
                with mlflow.start_run(
                    experiment_id=experiment, run_name=trial, nested=True, tags={"ended": ended}
                ):
                    mlflow.log_params(dict(values))
                    if loss is not None:
                        mlflow.log_metric("mean_log_loss", loss)
            return str(run.info.run_id)


def _standing(client: MlflowClient, store: Store) -> Standing:
    found = client.search_registered_models(f"name = '{store.model_name}'")
    if not found:
        return Standing(None, None, ())
    aliases, tags = found[0].aliases, found[0].tags
    history = tuple(number for number in str(tags.get(HISTORY_TAG, "")).split(",") if number)
    champion, challenger = (aliases.get(alias) for alias in (CHAMPION, CHALLENGER))
    return Standing(
        None if champion is None else str(champion), None if challenger is None else str(challenger), history
    )


def _crown(client: MlflowClient, store: Store, history: Sequence[str]) -> None:
    """The last of `history` becomes champion; the alias moves first, for it is what scores."""
    client.set_registered_model_alias(store.model_name, CHAMPION, history[-1])
    client.set_registered_model_tag(store.model_name, HISTORY_TAG, ",".join(history))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    client.set_model_version_tag(store.model_name, history[-1], "champion_since", now)


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
