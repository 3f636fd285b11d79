"""The registry as a person asks for it: who is champion, promote, roll back.

Promise: nothing here decides; `pipeline.promotion` does, or the person.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config.params import Params, Tracking
from pipeline.errors import InputError
from pipeline.tracking.quiet import disable_telemetry

if TYPE_CHECKING:
    from pipeline.tracking.mlflow_store import Store


def store_in_use(tracking: Tracking, *, must_exist: bool = False) -> "Store":
    """The store that `tracking` names. Raises InputError when a local one `must_exist` and does not."""
    root = Path(os.environ.get("DVC_ROOT") or Path.cwd())
    if must_exist and tracking.uri is None and not (root / "mlflow.db").is_file():
        raise InputError(
            f"{root / 'mlflow.db'}: there is no such store, so no champion.\nMake one: dvc repro"
        )
    disable_telemetry()
    from pipeline.tracking.mlflow_store import store_of  # noqa: PLC0415  # MLflow takes seconds

    return store_of(tracking.uri, tracking.experiment, tracking.model_name, root)


def champion_of(params: Params, place: Path) -> Path:
    """The model folder of the champion in the store that `tracking` names, brought to `place`.

    Raises InputError when there is none, saying what stands in the way. A champion learnt from a log of
    another contract is warned of.
    """
    store = store_in_use(params.tracking, must_exist=True)
    from pipeline.tracking.mlflow_store import model_folder, standing, version  # noqa: PLC0415

    now = standing(store)
    if now.champion is None:
        raise InputError(
            f"models:/{store.model_name}@champion: there is no champion.\n{_way_out(store, now.challenger)}"
        )
    theirs, mine = version(store, now.champion).tags.get("contract"), Path(params.log.contract).stem
    if theirs is not None and theirs != mine:
        sys.stderr.write(
            f"models:/{store.model_name}@champion was fitted on logs of the contract {theirs!r}, "
            f"this log's is {mine!r}: if they are not alike, name another model in tracking.model_name\n"
        )
    place.mkdir(parents=True, exist_ok=True)
    return model_folder(store, now.champion, place)


def promote(params: Params, number: str | None) -> str:
    """Make `number`, or the challenger, the champion; what was done, in words. Raises InputError."""
    store = store_in_use(params.tracking, must_exist=True)
    from pipeline.tracking.mlflow_store import promote as crown  # noqa: PLC0415
    from pipeline.tracking.mlflow_store import standing, version  # noqa: PLC0415

    chosen = number or standing(store).challenger
    if chosen is None:
        raise InputError(
            f"{store.model_name}: the registry has no such model yet.\nMake one: dvc repro track"
        )
    tags = version(store, chosen).tags
    before = crown(store, chosen)
    told = f"models:/{store.model_name}@champion is version {chosen}, grade {tags.get('grade', 'unknown')}"
    return f"{told}, as before" if before == chosen else f"{told}; before: {before or 'nobody'}"


def rollback(params: Params) -> str:
    """Make the champion before this one champion again; what was done, in words. Raises InputError."""
    store = store_in_use(params.tracking, must_exist=True)
    from pipeline.tracking.mlflow_store import rollback as uncrown  # noqa: PLC0415

    gone, back = uncrown(store)
    return f"models:/{store.model_name}@champion is version {back} again; version {gone} is kept"


def _way_out(store: "Store", challenger: str | None) -> str:
    if challenger is None:
        return "Make one: dvc repro track"
    from pipeline.tracking.mlflow_store import version  # noqa: PLC0415

    tags = version(store, challenger).tags
    return (
        f"Version {challenger} is there, with grade {tags.get('grade', 'unknown')}, and was not promoted.\n"
        f"To use it all the same: lastlogin promote --version {challenger}"
    )
