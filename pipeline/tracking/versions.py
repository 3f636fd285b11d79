"""Versions of the registered model and their aliases. Importing it takes seconds: import it only where it is used.

Promise: only `promote` and `rollback` make a version champion.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient

from pipeline.errors import InputError
from pipeline.storage.model_folder import LIST, LOGIN, VALUE
from pipeline.tracking.connection import connected_to
from pipeline.tracking.store import Store

CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY_TAG = "champions"  # of the registered model: the versions that were champion, the latest last
PROMOTION_TAG = "promotion"  # of a version: the decision on it, as JSON


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the registered model, with its tags."""

    number: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Aliases:
    """The champion, the latest challenger, and the versions that were champion, the latest last."""

    champion: str | None
    challenger: str | None
    history: tuple[str, ...]


def aliases_of(store: Store) -> Aliases:
    """The aliases of the registered model; empty when there is no such model.

    Raises InputError when the store cannot be reached.
    """
    with connected_to(store) as client:
        return _aliases(client, store)


def version_of(store: Store, number: str) -> Version:
    """The version of this number. Raises InputError when there is none."""
    to_do = f"Look at the versions of the model {store.model_name}, and name one of them."
    with connected_to(store, to_do) as client:
        version = client.get_model_version(store.model_name, number)
        return Version(str(version.version), dict(version.tags))


def note_decision(store: Store, run_id: str, number: str, decision: Mapping[str, Any]) -> None:
    """Store the decision with version `number` and its run, and promote the version if it was `promoted`.

    Raises InputError when the store cannot be reached.
    """
    if decision["promoted"]:
        promote(store, number)
    with connected_to(store) as client:
        client.log_dict(run_id, dict(decision), "promotion.json")
        client.set_model_version_tag(store.model_name, number, PROMOTION_TAG, json.dumps(decision))


def promote(store: Store, number: str) -> str | None:
    """Make version `number` the champion. Returns the champion before it.

    Raises InputError when there is no such version or the store cannot be reached.
    """
    with connected_to(store, f"Name a version of the model {store.model_name} that there is.") as client:
        client.get_model_version(store.model_name, number)
        before = _aliases(client, store)
        if before.champion == number:
            return number
        history = list(before.history)
        if before.champion is not None and before.champion not in history[-1:]:
            history.append(before.champion)
        _set_champion(client, store, [*history, number])
        return before.champion


def rollback(store: Store) -> tuple[str, str]:
    """Make the previous champion the champion again. Returns the old and the new champion.

    Raises InputError when there was none before, or the store cannot be reached.
    """
    with connected_to(store) as client:
        now = _aliases(client, store)
        earlier = [number for number in now.history if number != now.champion]
        if now.champion is None or not earlier:
            raise InputError(
                f"{store.model_name}: the champion is {now.champion or 'none'}, and there is no earlier one.\n"
                f"Choose a version: lastlogin promote --version N (the challenger is {now.challenger or 'none'})"
            )
        history = list(now.history)
        while history and history[-1] == now.champion:
            history.pop()
        _set_champion(client, store, history)
        return now.champion, history[-1]


def model_folder(store: Store, number: str, target: Path) -> Path:
    """The model folder of version `number`, downloaded to `target`.

    Raises InputError when the store cannot be reached or the version holds no model of lastlogin.
    """
    uri = f"models:/{store.model_name}/{number}"
    with connected_to(store, f"{uri} is needed. Look whether its artefacts are still there."):
        folder = mlflow.artifacts.download_artifacts(uri, dst_path=str(target))
    booster = next(Path(folder).rglob("booster.txt"), None)
    if booster is None:
        raise InputError(
            f"{uri}: no booster.txt among its artefacts, so it is no model of lastlogin.\n"
            "Choose another: lastlogin promote --version N"
        )
    return booster.parent.parent if booster.parent.name in (LOGIN, LIST, VALUE) else booster.parent


def _aliases(client: MlflowClient, store: Store) -> Aliases:
    models = client.search_registered_models(f"name = '{store.model_name}'")
    if not models:
        return Aliases(None, None, ())
    aliases, tags = models[0].aliases, models[0].tags
    history = tuple(number for number in str(tags.get(HISTORY_TAG, "")).split(",") if number)
    champion, challenger = (aliases.get(alias) for alias in (CHAMPION, CHALLENGER))
    return Aliases(
        None if champion is None else str(champion), None if challenger is None else str(challenger), history
    )


def _set_champion(client: MlflowClient, store: Store, history: Sequence[str]) -> None:
    """Make the last of `history` the champion. The alias moves first, since it decides which model scores."""
    client.set_registered_model_alias(store.model_name, CHAMPION, history[-1])
    client.set_registered_model_tag(store.model_name, HISTORY_TAG, ",".join(history))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    client.set_model_version_tag(store.model_name, history[-1], "champion_since", now)
