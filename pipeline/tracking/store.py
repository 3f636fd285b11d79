"""The MLflow store that `tracking` names, which holds the runs. This module does not import MLflow."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.secrets import without_secrets


@dataclass(frozen=True, slots=True)
class Store:
    """Where runs go. `artefacts`: the folder of a local store's artefacts; None: the server decides."""

    uri: str
    experiment: str
    model_name: str
    artefacts: Path | None

    @property
    def shown(self) -> str:
        """The URI without user, passwords and tokens."""
        return re.sub(r"^([\w+.-]+://)[^/?#]*@", r"\1", without_secrets(self.uri))


def store_of(uri: str | None, experiment: str, model_name: str, root: Path) -> Store:
    """The store that `uri` names; null: `mlflow.db` at `root`, artefacts beside it in `mlartifacts/`.

    A path in a SQLite URI that is not absolute counts from `root`, wherever the stage runs.
    """
    if uri is not None and not uri.startswith("sqlite:///"):
        return Store(uri, experiment, model_name, None)
    file = root.resolve() / (uri or "sqlite:///mlflow.db").removeprefix("sqlite:///")
    return Store(f"sqlite:///{file}", experiment, model_name, file.parent / "mlartifacts")
