"""A change of the champion that is killed anywhere is made or not, and its history is whole after the next one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.tracking.store import Store, store_of
from tests.support.finished import MLFLOW_WARNINGS, mlflow_store_at

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]

CHANGES = (
    "set_registered_model_tag", "delete_registered_model_tag", "set_registered_model_alias", "set_model_version_tag",
    "delete_model_version_tag", "log_dict",
)  # fmt: skip
DECISION = {"promoted": True, "because": "there is no champion yet, and the grade is B", "version": "1"}


class KilledError(BaseException):
    """The end of a process, which nobody catches."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store with three versions and no champion."""
    from pipeline.tracking.connection import connected_to, experiment_of  # noqa: PLC0415  # MLflow takes seconds

    folder = tmp_path_factory.mktemp("store")
    with mlflow_store_at(folder), connected_to(store_of(None, "shop", "shop", folder)) as client:
        experiment = experiment_of(client, store_of(None, "shop", "shop", folder))
        client.create_registered_model("shop")
        for _ in range(3):
            run = client.create_run(experiment)
            client.create_model_version("shop", f"{run.info.artifact_uri}/model", run.info.run_id)
        yield folder


def promoted(number: str) -> Callable[[Store], object]:
    def change(store: Store) -> object:
        from pipeline.tracking.versions import promote  # noqa: PLC0415

        return promote(store, number)

    return change


def rolled_back(store: Store) -> object:
    from pipeline.tracking.versions import rollback  # noqa: PLC0415

    return rollback(store)


def decided(store: Store) -> object:
    """What `track` does with a decision on version 1, which may be kept already."""
    from pipeline.tracking.versions import (  # noqa: PLC0415
        PROMOTION_TAG,
        TO_PROMOTE_TAG,
        carry_out,
        note_decision,
        version_of,
    )

    tags = version_of(store, "1").tags
    if PROMOTION_TAG not in tags:
        note_decision(store, run_of(store), "1", DECISION)
    elif TO_PROMOTE_TAG in tags:
        carry_out(store, "1")
    return tags


def run_of(store: Store) -> str:
    from pipeline.tracking.connection import connected_to  # noqa: PLC0415

    with connected_to(store) as client:
        return str(client.get_model_version("shop", "1").run_id)


def state_of(store: Store) -> tuple[Any, ...]:
    from pipeline.tracking.connection import connected_to  # noqa: PLC0415
    from pipeline.tracking.versions import aliases_of  # noqa: PLC0415

    with connected_to(store) as client:
        model = client.get_registered_model("shop")
        tags = [client.get_model_version("shop", str(number)).tags for number in (1, 2, 3)]
    return aliases_of(store), dict(model.tags), [{**of, "champion_since": "at some time"} for of in tags]


BEFORE: dict[str, tuple[list[Callable[[Store], object]], Callable[[Store], object]]] = {
    "the first champion": ([], promoted("1")),
    "another one": ([promoted("1")], promoted("2")),
    "back": ([promoted("1"), promoted("2")], rolled_back),
    "back to one that comes twice": ([promoted("1"), promoted("2"), promoted("1")], rolled_back),
    "a decision": ([], decided),
}


@pytest.mark.parametrize("case", BEFORE)
def test_a_change_that_is_killed_anywhere_is_made_or_not_and_made_once_by_the_next_one(
    case: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415

    from pipeline.tracking.versions import aliases_of  # noqa: PLC0415

    earlier, change = BEFORE[case]
    left, original = 10**9, {name: getattr(MlflowClient, name) for name in CHANGES}

    def counted(name: str) -> Callable[..., Any]:
        def call(self: MlflowClient, *words: Any, **named: Any) -> Any:
            nonlocal left
            if left == 0:
                raise KilledError
            left -= 1
            return original[name](self, *words, **named)

        return call

    for name in CHANGES:
        monkeypatch.setattr(MlflowClient, name, counted(name))
    outcomes, states, kills, killed = set(), [], 0, True
    with mlflow_store_at(tmp_path):
        while killed:
            folder = tmp_path / str(kills)
            folder.mkdir()
            shutil.copy(template / "mlflow.db", folder)
            store = store_of(None, "shop", "shop", folder)
            for one in earlier:
                one(store)
            before = aliases_of(store)
            left, killed = kills, False
            try:
                change(store)
            except KilledError:
                killed = True
            left = 10**9
            after = aliases_of(store)
            outcomes.add(after)
            if killed and (after == before or change is decided):
                change(store)
            elif killed:  # it is made: what is left is done by any further change, even one of nothing
                promoted(str(after.champion))(store)
            states.append(state_of(store))
            kills += 1
    assert kills > 4
    assert outcomes == {before, states[-1][0]}
    assert [state for state in states if state != states[-1]] == []
    assert "champions_next" not in states[-1][1]
