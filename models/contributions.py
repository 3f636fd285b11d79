"""How much each feature raises or lowers a row's log-odds: exact TreeSHAP values.

woodelf-explainer gives the values of LightGBM's own `pred_contrib` several times faster. Promise:
they are checked against it at each training, and nothing is printed.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from woodelf.core.trees.parse_models import load_decision_tree_ensemble_model
from woodelf.explainer import WoodelfExplainer

from models.categorical import categorical_features
from models.errors import DataError

Floats = NDArray[np.float64]
BATCH_ROWS = 100_000
"""Reading the trees anew costs each batch as much as some 20,000 rows; two batches at a time take about 600 MiB."""
TOLERANCE = 1e-4  # log-odds


def contributions(
    booster: lgb.Booster, frame: pl.DataFrame, batch_rows: int = BATCH_ROWS
) -> tuple[Floats, float]:
    """Contributions (rows, features) in log-odds, in the booster's order, and the base value they add to.

    `frame` holds the booster's features by name, missing = NaN. A row's contributions and the base sum up to
    the uncalibrated log-odds (path-dependent TreeSHAP, Lundberg et al. 2020; computed as by Nadel &
    Wettenstein, AAAI 2026). `batch_rows` at a time, on all cores: the values do not depend on how many there
    are. Raises DataError when `frame` lacks a feature, or a tree splits by category.
    """
    names = booster.feature_name()
    _refuse_categories(booster, names)
    values = np.zeros((frame.height, len(names)))
    if not _has_splits(booster):
        return values, _base(booster)
    explainer = WoodelfExplainer(  # with the trees read already: threads share them
        load_decision_tree_ensemble_model(booster, names), feature_perturbation="tree_path_dependent"
    )

    def explain(start: int) -> None:
        batch = pd.DataFrame(_matrix(frame.slice(start, batch_rows), names), columns=names)
        values[start : start + len(batch)] = explainer.shap_values(batch, verbose=False)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(explain, range(0, frame.height, batch_rows)))
    return values, _base(booster)


def by_dimension(
    values: Floats, features: Sequence[str], dimension_of: Mapping[str, str]
) -> dict[str, Floats]:
    """Contributions (rows, features) summed into (rows,) per dimension, dimensions in order of name."""
    dimensions = sorted({dimension_of[name] for name in features})
    members = {d: [i for i, name in enumerate(features) if dimension_of[name] == d] for d in dimensions}
    return {dimension: values[:, columns].sum(axis=1) for dimension, columns in members.items()}


def check_contributions(booster: lgb.Booster, sample: pl.DataFrame) -> float:
    """The largest difference from LightGBM's own `pred_contrib` on `sample`, in log-odds.

    Raises DataError when it exceeds 1e-4.
    """
    if sample.is_empty():
        return 0.0
    ours, base = contributions(booster, sample)
    theirs = np.asarray(
        booster.predict(_matrix(sample, booster.feature_name()), pred_contrib=True, num_threads=1)
    )
    apart = float(max(np.abs(ours - theirs[:, :-1]).max(), np.abs(base - theirs[:, -1]).max()))
    if not apart <= TOLERANCE:
        raise DataError(
            f"contributions: woodelf-explainer and LightGBM differ by {apart:.2g} log-odds.\n"
            f"Expected at most {TOLERANCE} on {sample.height} rows.\n"
            "Install the versions of requirements.lock, and look for a feature that is not numeric."
        )
    return apart


def _matrix(frame: pl.DataFrame, names: list[str]) -> Floats:
    """`frame` as f64: thresholds are doubles, and a comparison in f32 would round them."""
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise DataError(
            f"contributions: {len(lacking)} of {len(names)} features missing: {', '.join(lacking[:10])}.\n"
            f"There are {len(frame.columns)} columns.\nMake the rows with the features of the model."
        )
    return frame.select(pl.col(names).cast(pl.Float64)).to_numpy()


def _refuse_categories(booster: lgb.Booster, names: list[str]) -> None:
    found = categorical_features(booster.model_to_string(), names)
    if found:
        raise DataError(
            f"contributions: the model splits {len(found)} of {len(names)} features by category: "
            f"{', '.join(found[:10])}.\nExact contributions take numeric splits only.\n"
            "Train it with these as numbers, one feature for each value."
        )


def _base(booster: lgb.Booster) -> float:
    one_row = np.zeros((1, booster.num_feature()))
    return float(np.asarray(booster.predict(one_row, pred_contrib=True, num_threads=1))[0, -1])


def _has_splits(booster: lgb.Booster) -> bool:
    """Whether any tree of `booster` asks anything: woodelf-explainer refuses one that does not."""
    return bool(booster.feature_importance("split").any())
