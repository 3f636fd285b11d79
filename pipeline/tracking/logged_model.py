"""The model that a run logs: a folder with the code that serves it, and what that code reads."""

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import polars as pl

from features.catalogue.silence import SILENCE
from features.define import LIST_DIMENSIONS, Feature
from models.explanation.peer_reference import from_json as peer_reference_from_json
from pipeline.explanation.explain import PEERS_FILE, REASON_COLUMNS
from pipeline.storage.files import found_whole, read_json
from pipeline.storage.frames import scan_buckets
from pipeline.storage.styles_file import PLAY_STYLES_FILE, STYLES_FILE

REQUIREMENTS = (
    "mlflow", "lightgbm", "woodelf-explainer", "scikit-learn", "scipy", "threadpoolctl", "numpy", "pandas", "polars",
    "pyarrow", "holidays",
)  # fmt: skip
METRICS_FILE = "metrics.json"
"""The quality of a version, in the folder of its models."""
_PACKAGES = ("pipeline", "features", "models")
_CODE = Path(__file__).parents[2]
_SERVED = "served_model.py"
_EXAMPLE_ROWS = 5


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A pyfunc from code. `folder` holds `code` and each of `artefacts` (name to file or folder name)."""

    code: str
    code_paths: tuple[Path, ...]
    folder: Path
    artefacts: Mapping[str, str]
    outputs: Mapping[str, str]  # column to MLflow type
    example: pd.DataFrame  # its columns, all numbers, are inputs
    optional: tuple[str, ...]  # further inputs
    requirements: tuple[str, ...]


def logged_model(
    features: Sequence[Feature], scoring: Path, logins: Path, folder: Path, profiles: Path, metrics: Path
) -> LoggedModel:
    """The model in the folder `scoring`, copied to `folder` with styles, peers and its quality (`metrics`).

    Raises InputError when styles or peers are missing or damaged. MLflow only warns of a model that cannot be loaded,
    so that it could become champion.
    """
    styles = (STYLES_FILE, PLAY_STYLES_FILE)
    for name in styles:
        with found_whole(profiles / name):
            dict(read_json(profiles / name))
    with found_whole(profiles / PEERS_FILE):
        peer_reference_from_json(read_json(profiles / PEERS_FILE))
    shutil.copytree(scoring, folder / "scoring")
    for name in styles:
        shutil.copy(profiles / name, folder / "scoring")
    shutil.copy(metrics, folder / "scoring" / METRICS_FILE)
    shutil.copy(profiles / PEERS_FILE, folder)
    shutil.copy(Path(__file__).with_name(_SERVED), folder)
    numeric = dict.fromkeys(("probability", "base_log_odds", *LIST_DIMENSIONS), "double")
    return LoggedModel(
        code=_SERVED,
        code_paths=tuple(_CODE / package for package in _PACKAGES),
        folder=folder,
        artefacts={"scoring": "scoring", "peers": PEERS_FILE},
        outputs=numeric | dict.fromkeys(REASON_COLUMNS, "string"),
        example=_example(logins, [feature.name for feature in features]),
        optional=tuple(feature.name for feature in SILENCE),
        requirements=tuple(f"{package}=={version(package)}" for package in REQUIREMENTS),
    )


def _example(logins: Path, names: list[str]) -> pd.DataFrame:
    """The first login rows of the first bucket that has any: features alone, missing = NaN."""
    for bucket in scan_buckets(logins):
        example = bucket.select(names).head(_EXAMPLE_ROWS).collect()
        if example.height:
            break
    return pd.DataFrame(
        {name: example[name].cast(pl.Float64).fill_null(math.nan).to_numpy() for name in names}
    )
