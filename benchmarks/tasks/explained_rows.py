"""Rows and models to explain, and the cost of explaining them for us and LightGBM, each in a separate process.

`python -m benchmarks.tasks.explained_rows make|ours|lightgbm FOLDER LEAVES ROWS`: `make` writes `rows.npy` and
`LEAVES.txt`, the others print seconds of wall and processor time as JSON, from rows in memory to values in memory.
"""

import json
import os
import sys
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.explanation.contributions import contributions

FEATURES, TREES = 100, 300
_LATENT, _TRAINING_ROWS, _MISSING = 10, 40_000, 0.05


def made_up(rows: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(rows, 100) values, every second one a count and 5 % missing, and the hidden coefficients of churn."""
    random = np.random.default_rng(seed)
    hidden = random.normal(size=(rows, _LATENT)).astype(np.float32)
    values = hidden[:, np.arange(FEATURES) % _LATENT] + random.normal(size=(rows, FEATURES)).astype(
        np.float32
    )
    values[:, ::2] = np.round(values[:, ::2] * 3)
    values[random.random(values.shape, dtype=np.float32) < _MISSING] = np.nan
    return values, hidden


def make(folder: Path, leaves: int, rows: int) -> None:
    """Write the rows to explain and the model."""
    values, hidden = made_up(_TRAINING_ROWS, seed=1)
    odds = hidden[:, 0] + hidden[:, 1] * hidden[:, 2] + np.maximum(hidden[:, 3], 0) - 1
    churned = np.random.default_rng(2).random(len(odds)) < 1 / (1 + np.exp(-odds))
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": leaves, "learning_rate": 0.05, "seed": 1,
                "feature_fraction": 0.5, "num_threads": os.cpu_count()}  # fmt: skip
    names = [f"feature_{number}" for number in range(FEATURES)]
    data = lgb.Dataset(values, churned.astype(np.float32), feature_name=names)
    lgb.train(settings, data, TREES).save_model(folder / f"{leaves}.txt")
    if not (folder / "rows.npy").is_file():
        np.save(folder / "rows.npy", made_up(rows, seed=3)[0])


def main(what: str, folder: Path, leaves: int, rows: int) -> None:
    """Run `what`, and print its cost."""
    if what == "make":
        make(folder, leaves, rows)
        return
    booster = lgb.Booster(model_file=folder / f"{leaves}.txt")
    values = np.load(folder / "rows.npy")[:rows]
    frame = pl.DataFrame(values, schema=booster.feature_name())
    began = time.perf_counter(), time.process_time()
    if what == "ours":
        contributions(booster, frame)
    else:
        booster.predict(values, pred_contrib=True, num_threads=os.cpu_count())
    sys.stdout.write(json.dumps([time.perf_counter() - began[0], time.process_time() - began[1]]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
