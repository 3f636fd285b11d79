"""How much each feature raises or lowers a row's log-odds: exact TreeSHAP values.

woodelf-explainer gives the values of LightGBM's own `pred_contrib`, about thirty times faster. Promise: they are
checked against `pred_contrib` at each training, and nothing is printed.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import lightgbm as lgb
import numpy as np
import polars as pl

from models.arrays import Floats
from models.errors import DataError
from models.explanation.leaf_tables import LeafTables, leaf_tables

_PART_ROWS, _LEAST_ROWS = 50_000, 10_000
"""Rows per core at a time: at most 50,000 (100 MiB with 200 features), at least 10,000 (threads cost time)."""
TOLERANCE = 1e-4  # log-odds
_CATEGORICAL = 1  # the lowest bit of LightGBM's `decision_type`


def contributions(
    booster: lgb.Booster, frame: pl.DataFrame, part_rows: int = _PART_ROWS
) -> tuple[Floats, float]:
    """Contributions (rows, features) in log-odds, in the booster's order, and the base value.

    `frame` holds the booster's features by name, missing = NaN. A row's contributions and the base add up to
    the uncalibrated log-odds (path-dependent TreeSHAP, Lundberg et al. 2020; computed as by Nadel &
    Wettenstein, AAAI 2026). Each core takes at most `part_rows` rows at a time. The values do not depend on it.
    Raises DataError when `frame` lacks a feature, or a tree splits by category.
    """
    names, text = booster.feature_name(), booster.model_to_string()
    _refuse_categories(text, names)
    _refuse_lacking(frame, names)
    values = np.zeros((frame.height, len(names)))
    if not _has_splits(booster):
        return values, _base(booster)
    tables = _tables(text)
    cores = os.cpu_count() or 1
    rows = min(part_rows, max(_LEAST_ROWS, -(-frame.height // cores)))

    def explain(start: int) -> None:
        part = frame.slice(start, rows)
        values[start : start + rows] = tables.contributions([_column(part, name) for name in names]).T

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(explain, range(0, frame.height, rows)))
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
    values, base = contributions(booster, sample)
    expected = np.asarray(
        booster.predict(
            np.column_stack([_column(sample, name) for name in booster.feature_name()]),
            pred_contrib=True,
            num_threads=1,
        )
    )
    difference = float(max(np.abs(values - expected[:, :-1]).max(), np.abs(base - expected[:, -1]).max()))
    if not difference <= TOLERANCE:
        raise DataError(
            f"contributions: woodelf-explainer and LightGBM differ by {difference:.2g} log-odds.\n"
            f"Expected at most {TOLERANCE} on {sample.height} rows.\n"
            "Install the versions of requirements.lock, and look for a feature that is not numeric."
        )
    return difference


def categorical_features(booster_text: str, names: Sequence[str]) -> list[str]:
    """The features that a tree of LightGBM's text splits by category, in the order of `names`."""
    categorical: set[int] = set()
    features: list[str] = []
    for line in booster_text.splitlines():
        key, _, values = line.partition("=")
        if key == "split_feature":
            features = values.split()
        elif key == "decision_type":
            kinds = zip(features, values.split(), strict=True)
            categorical |= {int(feature) for feature, kind in kinds if int(kind) & _CATEGORICAL}
    return [name for number, name in enumerate(names) if number in categorical]


@lru_cache(maxsize=1)
def _tables(text: str) -> LeafTables:
    """Cached for the next call: a stage explains bucket by bucket, a served model row by row."""
    return leaf_tables(lgb.Booster(model_str=text))


def _column(frame: pl.DataFrame, name: str) -> Floats:
    """(rows,) as f64: thresholds are doubles, and a comparison in f32 would round them."""
    return frame[name].cast(pl.Float64).to_numpy()


def _refuse_lacking(frame: pl.DataFrame, names: list[str]) -> None:
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise DataError(
            f"contributions: {len(lacking)} of {len(names)} features missing: {', '.join(lacking[:10])}.\n"
            f"There are {len(frame.columns)} columns.\nMake the rows with the features of the model."
        )


def _refuse_categories(text: str, names: list[str]) -> None:
    categorical = categorical_features(text, names)
    if categorical:
        raise DataError(
            f"contributions: the model splits {len(categorical)} of {len(names)} features by category: "
            f"{', '.join(categorical[:10])}.\nExact contributions take numeric splits only.\n"
            "Train it with these as numbers, one feature for each value."
        )


def _base(booster: lgb.Booster) -> float:
    one_row = np.zeros((1, booster.num_feature()))
    return float(np.asarray(booster.predict(one_row, pred_contrib=True, num_threads=1))[0, -1])


def _has_splits(booster: lgb.Booster) -> bool:
    """Whether any tree of `booster` has a split: woodelf-explainer refuses a booster without one."""
    return bool(booster.feature_importance("split").any())
