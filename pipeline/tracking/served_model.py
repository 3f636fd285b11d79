"""The version as MLflow serves it, logged from this very file: features in, probability and reasons out.

A row with `silent_days` above 0 is answered by the model of silent users, any other by the login model.

Promise: it reads only the stored model folder and `peers.json`, and answers as the pipeline does for the same
features. Peers are those of the day on which the model was tracked.
Importing this module hands the model to MLflow, as MLflow asks.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from features.aggregation.landmarks import SILENT_DAYS
from features.catalogue.roles import LOGIN_NUMBER, PAID
from features.catalogue.silence import SILENCE
from models.explanation.peer_reference import from_json
from pipeline.explanation.explain import (
    REASON_COLUMNS,
    explain,
    number_columns,
    reason_columns,
    told_once,
)
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import LIST, load_features, load_models

SCORING, PEERS = "scoring", "peers"  # names of the artefacts


class ServedModel(PythonModel):
    """Answers with one row per row: `probability`, `base_log_odds`, log-odds by dimension, reasons in words."""

    def load_context(self, context: Any) -> None:
        """Read the stored model, once."""
        folder = Path(context.artifacts[SCORING])
        self.models = load_models(folder)
        self.features = load_features(folder / LIST, self.models.features)
        self.peers = from_json(read_json(Path(context.artifacts[PEERS])))

    def predict(
        self,
        context: Any,  # noqa: ARG002  # MLflow's signature
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """The prediction and reasons of each row of `model_input` (features by name; NaN or null: not known).

        The features of the silence may be absent: then each row is one of a login.

        Sentences leave out the user's usual value, which one row does not hold.
        """
        silence = {feature.name for feature in SILENCE}
        columns = {
            name: pd.to_numeric(model_input[name]).to_numpy(np.float32, na_value=np.nan)
            for name in self.models.features
            if name in model_input.columns or name not in silence
        }
        rows = pl.DataFrame(columns).with_columns(
            pl.lit(None, pl.Float32).alias(name) for name in silence - columns.keys()
        )
        rows = rows.with_columns(pl.col(SILENT_DAYS).fill_nan(None).fill_null(0.0))
        placement = self.peers.among(rows, LOGIN_NUMBER, PAID)
        explanation = explain(rows, self.models, self.features, placement)
        reasons = told_once(explanation.reasons(placement), self.features)
        texts = reason_columns(reasons, self.features, [None] * rows.height)
        numbers = number_columns(explanation).hstack(texts)
        answer = {
            name: pd.Series(numbers[name].to_list(), dtype=object if name in REASON_COLUMNS else np.float64)
            for name in numbers.columns
        }
        return pd.DataFrame(answer)


set_model(ServedModel())
