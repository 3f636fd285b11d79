"""The registry for commands and stages: the store in use, the champion, promote, roll back.

Promise: this module makes no decision: `pipeline.tracking.promotion` or a person does. MLflow sends no telemetry.
"""

import os
import sys
from pathlib import Path

from pipeline.config.sections import Params, Tracking
from pipeline.errors import InputError
from pipeline.tracking.store import Store, store_of

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}
"""MLflow reads them when it is imported: no telemetry, and no progress bars in a log."""


def disable_telemetry() -> None:
    """Prepare the environment before MLflow is imported. Values that the user has set stay."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)


def store_in_use(tracking: Tracking, *, must_exist: bool = False) -> Store:
    """The store that `tracking` names. Raises InputError when a local one `must_exist` and does not."""
    root = Path(os.environ.get("DVC_ROOT") or Path.cwd())
    if must_exist and tracking.uri is None and not (root / "mlflow.db").is_file():
        raise InputError(
            f"{root / 'mlflow.db'}: there is no such store, so no champion.\nMake one: dvc repro"
        )
    disable_telemetry()
    return store_of(tracking.uri, tracking.experiment, tracking.model_name, root)


def champion_of(params: Params, folder: Path) -> Path:
    """The model folder of the champion, downloaded to `folder` from the store that `tracking` names.

    Raises InputError with what to do when there is none. Warns of a champion that was trained on a log of
    another contract.
    """
    store = store_in_use(params.tracking, must_exist=True)
    from pipeline.tracking.versions import aliases_of, model_folder, version_of  # noqa: PLC0415  # MLflow takes seconds

    now = aliases_of(store)
    if now.champion is None:
        raise InputError(
            f"models:/{store.model_name}@champion: there is no champion.\n{_way_out(store, now.challenger)}"
        )
    of_champion = version_of(store, now.champion).tags.get("contract")
    contract = Path(params.log.contract).stem
    if of_champion is not None and of_champion != contract:
        sys.stderr.write(
            f"models:/{store.model_name}@champion was trained on a log of the contract {of_champion!r}; this log has "
            f"the contract {contract!r}. If the two logs are not alike, name another model in tracking.model_name.\n"
        )
    folder.mkdir(parents=True, exist_ok=True)
    return model_folder(store, now.champion, folder)


def promote(params: Params, number: str | None) -> str:
    """Make `number`, or the challenger, the champion. Returns the outcome in words. Raises InputError."""
    store = store_in_use(params.tracking, must_exist=True)
    from pipeline.tracking import versions  # noqa: PLC0415

    chosen = number or versions.aliases_of(store).challenger
    if chosen is None:
        raise InputError(
            f"{store.model_name}: the registry has no such model yet.\nMake one: dvc repro track"
        )
    tags = versions.version_of(store, chosen).tags
    before = versions.promote(store, chosen)
    outcome = f"models:/{store.model_name}@champion is version {chosen}, grade {tags.get('grade', 'unknown')}"
    return f"{outcome}, as before" if before == chosen else f"{outcome}; before: {before or 'none'}"


def rollback(params: Params) -> str:
    """Make the previous champion the champion again. Returns the outcome in words. Raises InputError."""
    store = store_in_use(params.tracking, must_exist=True)
    from pipeline.tracking import versions  # noqa: PLC0415

    gone, back = versions.rollback(store)
    return f"models:/{store.model_name}@champion is version {back} again; version {gone} is kept"


def _way_out(store: Store, challenger: str | None) -> str:
    if challenger is None:
        return "Make one: dvc repro track"
    from pipeline.tracking.versions import version_of  # noqa: PLC0415

    tags = version_of(store, challenger).tags
    return (
        f"Version {challenger} is there, with grade {tags.get('grade', 'unknown')}, and was not promoted.\n"
        f"To use it all the same: lastlogin promote --version {challenger}"
    )
