"""How much each feature raises or lowers a row's log-odds: exact TreeSHAP values.

woodelf-explainer gives the values of LightGBM's own `pred_contrib` several times faster. Promise:
they are checked against it at each training, and nothing is printed.
"""

from collections.abc import Iterator, Mapping, Sequence

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from woodelf.explainer import WoodelfExplainer

from models.errors import DataError

Floats = NDArray[np.float64]
BATCH_ROWS = 50_000
TOLERANCE = 1e-4  # log-odds


def contributions(
    booster: lgb.Booster, frame: pl.DataFrame, batch_rows: int = BATCH_ROWS
) -> tuple[Floats, float]:
    """Contributions (rows, features) in log-odds, in the booster's order, and the base value they add to.

    `frame` holds the booster's features by name, missing = NaN. A row's contributions and the base sum up to
    the uncalibrated log-odds (path-dependent TreeSHAP, Lundberg et al. 2020; computed as by Nadel &
    Wettenstein, AAAI 2026). Raises DataError when `frame` lacks a feature.
    """
    names = booster.feature_name()
    values = np.zeros((frame.height, len(names)))
    if not _has_splits(booster):
        return values, _base(booster)
    explainer = WoodelfExplainer(booster, feature_perturbation="tree_path_dependent")
    start = 0
    for batch in _batches(frame, names, batch_rows):
        told = explainer.shap_values(pd.DataFrame(batch, columns=names), verbose=False)
        values[start : start + len(batch)] = told
        start += len(batch)
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


def _batches(frame: pl.DataFrame, names: list[str], rows: int) -> Iterator[Floats]:
    """Parts of `frame` as f64: thresholds are doubles, and a comparison in f32 would round them."""
    for part in frame.iter_slices(rows):
        yield _matrix(part, names)


def _matrix(frame: pl.DataFrame, names: list[str]) -> Floats:
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise DataError(
            f"contributions: {len(lacking)} of {len(names)} features missing: {', '.join(lacking[:10])}.\n"
            f"There are {len(frame.columns)} columns.\nMake the rows with the features of the model."
        )
    return frame.select(pl.col(names).cast(pl.Float64)).to_numpy()


def _base(booster: lgb.Booster) -> float:
    one_row = np.zeros((1, booster.num_feature()))
    return float(np.asarray(booster.predict(one_row, pred_contrib=True, num_threads=1))[0, -1])


def _has_splits(booster: lgb.Booster) -> bool:
    """Whether any tree of `booster` asks anything: woodelf-explainer refuses one that does not."""
    return bool(booster.feature_importance("split").any())
