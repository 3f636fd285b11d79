"""The model as MLflow serves it, logged from this very file: features in, probability and reasons out.

Promise: it answers from the stored model folder and `peers.json` alone, with what the pipeline
itself says of the same features; peers are those of the day on which the model was tracked.
Importing it hands it to MLflow, which is how MLflow wants it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from features.catalogue.roles import LOGIN_NUMBER, PAID
from models.explanation.peer_reference import from_json
from pipeline.explanation.explain import (
    REASON_COLUMNS,
    explain,
    number_columns,
    reason_columns,
)
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import load_features, load_model

SCORING, PEERS = "scoring", "peers"  # names of the artefacts


class ServedModel(PythonModel):
    """Answers with one row per row: `probability`, `base_log_odds`, log-odds by dimension, reasons in words."""

    def load_context(self, context: Any) -> None:
        """Read the stored model, once."""
        folder = Path(context.artifacts[SCORING])
        self.trained = load_model(folder)
        self.features = load_features(folder, self.trained)
        self.peers = from_json(read_json(Path(context.artifacts[PEERS])))

    def predict(
        self,
        context: Any,  # noqa: ARG002  # MLflow's signature
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """What the model says of each row of `model_input` (features by name; NaN or null: not known).

        A feature's sentence leaves out what is usual for the user, which one row cannot tell.
        """
        columns = {
            name: pd.to_numeric(model_input[name]).to_numpy(np.float32, na_value=np.nan)
            for name in self.trained.features
        }
        rows = pl.DataFrame(columns)
        found = explain(rows, self.trained, self.features)
        reasons = reason_columns(found.reasons(self.peers.among(rows, LOGIN_NUMBER, PAID)), self.features)
        numbers = number_columns(found).hstack(reasons)
        answer = {
            name: pd.Series(numbers[name].to_list(), dtype=object if name in REASON_COLUMNS else np.float64)
            for name in numbers.columns
        }
        return pd.DataFrame(answer)


set_model(ServedModel())
