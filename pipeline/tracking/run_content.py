"""What a run in MLflow shows, gathered from files: parameters, metrics, tags, tables and the served model.

Promise: nothing here talks to MLflow, and no user id leaves in clear unless params.yaml says so.
"""

import math
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from features.define import DIMENSIONS, Feature
from models.explanation.peer_norms import from_json as peer_norms_from_json
from pipeline.config.params import Section, section_name
from pipeline.explanation.explain import PEERS_FILE, REASON_COLUMNS
from pipeline.storage.files import found_whole, read_json
from pipeline.storage.frames import bucket_file, buckets_in
from pipeline.storage.styles_file import STYLES_FILE
from pipeline.tracking.pseudonyms import Naming

REQUIREMENTS = (
    "mlflow", "lightgbm", "woodelf-explainer", "scikit-learn", "scipy", "threadpoolctl", "numpy", "pandas", "polars",
    "pyarrow",
)  # fmt: skip
_PACKAGES = ("pipeline", "features", "models")
_CODE = Path(__file__).parents[2]
_SERVED = "served_model.py"
_EXAMPLE_ROWS = 5
_SAMPLE_USERS = 500


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A pyfunc from code. `folder` holds `code` and each of `artefacts` (name to file or folder name)."""

    code: str
    code_paths: tuple[Path, ...]
    folder: Path
    artefacts: Mapping[str, str]
    outputs: Mapping[str, str]  # column to MLflow type
    example: pd.DataFrame  # its columns, all numbers, are the inputs
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunContent:
    """All that one run shows.

    `artefacts`: files and folders, logged under their names; `tables`: artefact path to frame;
    `predictions`: the rows judged on; `tags` are the run's, `version_tags` those of the registered version.
    """

    name: str
    digest: str
    data_digest: str
    tags: Mapping[str, str]
    version_tags: Mapping[str, str]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    artefacts: tuple[Path, ...]
    tables: Mapping[str, pd.DataFrame]
    predictions: pd.DataFrame
    predictions_name: str
    predictions_source: str
    model: LoggedModel


def parameters(*sections: Section) -> dict[str, Any]:
    """The values of params.yaml's `sections`, by full name: `train.leaves`, `label.drop.share`."""
    return {
        name: value
        for section in sections
        for name, value in _flat(section_name(type(section)), section.model_dump(mode="json"))
    }


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", value


def numbers(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The finite numbers in metrics.json by flat name: `test.auc`, `test.auc.low`, `baselines.silence.auc`.

    Characters that MLflow does not take in a name become `_`.
    """
    for key, value in metrics.items():
        name = prefix + re.sub(r"[^\w-]", "_", key)
        if isinstance(value, Mapping):
            yield from numbers(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            yield name.removesuffix(".value"), float(value)


def git_tags() -> dict[str, str]:
    """`git_commit`, and whether files differ from it; nothing where there is no git."""
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"git_commit": commit, "git_changed": "yes" if changed else "no"}


def _git(*asked: str) -> str:
    return subprocess.run(
        ["git", "-C", str(_CODE), *asked], check=True, capture_output=True, text=True
    ).stdout.strip()


def judged(predictions: Path) -> pd.DataFrame:
    """The test rows without user ids, as MLflow's data set describes them (schema and digest, no rows)."""
    rows = pl.read_parquet(predictions, columns=["login_day", "churned", "probability"])
    return pd.DataFrame(
        {
            "login_day": pd.to_datetime(rows["login_day"].to_list()),
            "churned": rows["churned"].to_numpy(),
            "probability": rows["probability"].to_numpy(),
        }
    )


def profile_tables(people: pl.DataFrame, naming: Naming) -> dict[str, pd.DataFrame]:
    """The profiles, user ids called by `naming`, whole, and of the users most at risk as JSON for MLflow's UI."""
    hidden = people.with_columns(
        pl.Series("user_id", [naming(user) for user in people["user_id"]], dtype=pl.String)
    )
    at_risk = hidden.sort(["login_probability", "user_id"], descending=[True, False]).head(_SAMPLE_USERS)
    as_text = at_risk.with_columns(pl.col("login_day").cast(pl.String))
    return {
        "profiles/profiles.parquet": hidden.to_pandas(),
        "profiles/most_at_risk.json": as_text.to_pandas(),
    }


def served(
    features: Sequence[Feature], scoring: Path, logins: Path, folder: Path, profiles: Path
) -> LoggedModel:
    """The model in the folder `scoring`, copied to `folder` with what its `features` mean, styles and peers.

    Raises InputError when styles or peers are gone or damaged: MLflow only warns of a model that cannot be loaded,
    and it would become champion.
    """
    for path, read in ((profiles / STYLES_FILE, dict), (profiles / PEERS_FILE, peer_norms_from_json)):
        with found_whole(path):
            read(read_json(path))
    shutil.copytree(scoring, folder / "scoring")
    shutil.copy(profiles / STYLES_FILE, folder / "scoring")
    shutil.copy(profiles / PEERS_FILE, folder)
    shutil.copy(Path(__file__).with_name(_SERVED), folder)
    numeric = dict.fromkeys(("probability", "base_log_odds", *DIMENSIONS), "double")
    return LoggedModel(
        code=_SERVED,
        code_paths=tuple(_CODE / package for package in _PACKAGES),
        folder=folder,
        artefacts={"scoring": "scoring", "peers": PEERS_FILE},
        outputs=numeric | dict.fromkeys(REASON_COLUMNS, "string"),
        example=_example(logins, [feature.name for feature in features]),
        requirements=tuple(f"{package}=={version(package)}" for package in REQUIREMENTS),
    )


def _example(logins: Path, names: list[str]) -> pd.DataFrame:
    """The first login rows of the first bucket that has any: features alone, missing = NaN."""
    for bucket in buckets_in(logins):
        rows = pl.scan_parquet(bucket_file(logins, bucket), hive_partitioning=False).select(names)
        found = rows.head(_EXAMPLE_ROWS).collect()
        if found.height:
            break
    return pd.DataFrame({name: found[name].cast(pl.Float64).fill_null(math.nan).to_numpy() for name in names})
