"""The cost of training and scoring for us and for LightGBM alone, each in a separate process.

`python -m benchmarks.tasks.fitted_rows make|train|bare_train|score|bare_score FOLDER ROWS`: `make` writes
`rows.parquet` and `model/`. The others print seconds of wall and processor time as JSON, from rows in memory to the
result in memory. Both sides have the same matrix, settings, number of trees and threads.
"""

import json
import sys
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl

from benchmarks.tasks.explained_rows import made_up
from models.learning.booster import Settings, capacity, fit_booster, parameters
from models.learning.calibration import IDENTITY
from models.rows import feature_matrix, labels

TREES = 300
_SETTINGS = Settings(
    seed=1, threads=2, learning_rate=0.03, leaves=8, feature_fraction=0.4, l2=10.0, max_rounds=2000, patience_rounds=100
)  # fmt: skip


def make(folder: Path, rows: int) -> None:
    """Write rows with features and labels, and a model of them."""
    values, hidden = made_up(rows, seed=1)
    odds = hidden[:, 0] + hidden[:, 1] * hidden[:, 2] + np.maximum(hidden[:, 3], 0) - 1
    churned = np.random.default_rng(2).random(rows) < 1 / (1 + np.exp(-odds))
    frame = pl.DataFrame(values, schema=[f"feature_{number}" for number in range(values.shape[1])])
    frame = frame.with_columns(churned=pl.Series(churned))
    frame.write_parquet(folder / "rows.parquet")
    allowed = capacity(_SETTINGS, rows)
    fit_booster(frame, _features(frame), _SETTINGS, allowed, TREES).save_model(folder / "model.txt")


def _features(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name != "churned"]


def main(what: str, folder: Path, rows: int) -> None:
    """Run `what`, and print its cost."""
    if what == "make":
        make(folder, rows)
        return
    frame = pl.read_parquet(folder / "rows.parquet")
    features, allowed = _features(frame), capacity(_SETTINGS, frame.height)
    matrix, churned = feature_matrix(frame, features), labels(frame)
    bare = what.startswith("bare")
    frame = frame.clear() if bare else frame
    booster = lgb.Booster(model_file=folder / "model.txt")
    began = time.perf_counter(), time.process_time()
    if what == "train":
        fit_booster(frame, features, _SETTINGS, allowed, TREES)
    elif what == "bare_train":
        lgb.train(parameters(_SETTINGS, allowed), lgb.Dataset(matrix, churned), TREES)
    elif what == "score":
        raw = booster.predict(feature_matrix(frame, features), raw_score=True, num_threads=_SETTINGS.threads)
        IDENTITY.probability(np.asarray(raw))
    else:
        booster.predict(matrix, num_threads=_SETTINGS.threads)
    sys.stdout.write(json.dumps([time.perf_counter() - began[0], time.process_time() - began[1]]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
