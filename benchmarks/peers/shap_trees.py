"""`python shap_trees.py FOLDER LEAVES ROWS`: shap's TreeExplainer on the first ROWS of `rows.npy`.

Prints seconds of wall and processor time as JSON, from rows in memory to values in memory. Path-dependent, as
the others.
"""

import json
import sys
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import shap


def main(folder: Path, leaves: str, rows: int) -> None:
    """Explain, and print the cost."""
    booster = lgb.Booster(model_file=folder / f"{leaves}.txt")
    values = np.load(folder / "rows.npy")[:rows].astype(np.float64)
    began = time.perf_counter(), time.process_time()
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    explainer.shap_values(values, check_additivity=False)
    sys.stdout.write(json.dumps([time.perf_counter() - began[0], time.process_time() - began[1]]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
