"""Versions of the registered model and their aliases. Importing it takes seconds: import it only where it is used.

Promise: only `promote` and `rollback` make a version champion. Neither a change of the champion nor its history is lost
when the process is killed in between: the next one finishes the change, or finds all as it was.
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
CHANGE_TAG = "champions_next"  # of the registered model: its champions after a change that has begun
PROMOTION_TAG = "promotion"  # of a version: the decision on it, as JSON
TO_PROMOTE_TAG = "to_promote"  # of a version: it is to be promoted by the decision on it, and is not yet


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
    with connected_to(store) as client:
        if decision["promoted"]:  # before the decision is kept, since nobody decides again then
            client.set_model_version_tag(store.model_name, number, TO_PROMOTE_TAG, "yes")
        client.log_dict(run_id, dict(decision), "promotion.json")
        client.set_model_version_tag(store.model_name, number, PROMOTION_TAG, json.dumps(decision))
    if decision["promoted"]:
        carry_out(store, number)


def carry_out(store: Store, number: str) -> None:
    """Promote version `number`, for which that was decided. Raises InputError when the store cannot be reached."""
    promote(store, number)
    with connected_to(store) as client:
        client.delete_model_version_tag(store.model_name, number, TO_PROMOTE_TAG)


def promote(store: Store, number: str) -> str | None:
    """Make version `number` the champion. Returns the champion before it.

    Raises InputError when there is no such version or the store cannot be reached.
    """
    with connected_to(store, f"Name a version of the model {store.model_name} that there is.") as client:
        client.get_model_version(store.model_name, number)
        _finish_change(client, store)
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
        _finish_change(client, store)
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
    aliases = {alias: str(number) for alias, number in models[0].aliases.items()}
    champion = aliases.get(CHAMPION)
    history, change = (_numbers(models[0].tags.get(tag)) for tag in (HISTORY_TAG, CHANGE_TAG))
    changed = change[-1:] == (champion,)
    return Aliases(champion, aliases.get(CHALLENGER), change if changed else history)


def _numbers(stored: Any) -> tuple[str, ...]:
    return tuple(number for number in str(stored or "").split(",") if number)


def _set_champion(client: MlflowClient, store: Store, history: Sequence[str]) -> None:
    """Make the last of `history` the champion.

    What is to be is written first. Then the alias moves, which decides which model scores: from that moment on the
    change is made. What is left is done here, or by the next change.
    """
    client.set_registered_model_tag(store.model_name, CHANGE_TAG, ",".join(history))
    client.set_registered_model_alias(store.model_name, CHAMPION, history[-1])
    _finish_change(client, store)


def _finish_change(client: MlflowClient, store: Store) -> None:
    """Finish the change that was begun last, if there is one and its alias has moved; forget it otherwise."""
    models = client.search_registered_models(f"name = '{store.model_name}'")
    if not models or CHANGE_TAG not in models[0].tags:
        return
    now = _aliases(client, store)
    if now.history == _numbers(models[0].tags[CHANGE_TAG]) and now.champion is not None:
        client.set_registered_model_tag(store.model_name, HISTORY_TAG, ",".join(now.history))
        since = datetime.now(UTC).isoformat(timespec="seconds")
        client.set_model_version_tag(store.model_name, now.champion, "champion_since", since)
    client.delete_registered_model_tag(store.model_name, CHANGE_TAG)
