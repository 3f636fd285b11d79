"""The content of a run in MLflow, read from files: parameters, metrics, tags, tables, figures and the served model.

Promise: this module does not talk to MLflow. No user id leaves in clear unless params.yaml says so.
"""

import math
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from features.define import Feature
from features.wording.sentences import short_name
from models.learning.list_model import ListModel
from models.learning.trained_model import TrainedModel
from pipeline.config.secrets import without_secrets
from pipeline.config.sections import Label
from pipeline.reporting.charts.business import business_figures
from pipeline.reporting.charts.feature_effects import explained_sample, feature_figures
from pipeline.reporting.charts.overview import figures_of
from pipeline.reporting.charts.style import save_figures
from pipeline.storage.digests import digest_of
from pipeline.storage.files import found_whole, read_csv, read_whole_json, write_json
from pipeline.storage.frames import read_table
from pipeline.storage.model_folder import LOGIN, load_features, load_models
from pipeline.tracking.logged_model import LoggedModel, logged_model
from pipeline.tracking.promotion import product_of
from pipeline.tracking.pseudonyms import Naming, renamed
from pipeline.tracking.result import Result

_CODE = Path(__file__).parents[2]
_SAMPLE_USERS = 500
HEADLINES = ("churn_rate", "hidden_churn", "gross_mrr_churn", "arpc", "nps", "clv")
"""The figures that are metrics of a run. All are in its tables."""


@dataclass(frozen=True, slots=True)
class RunContent:
    """The content of one run.

    `artefacts`: files and folders, logged under their names; `tables`: artefact path to frame;
    `predictions`: the test rows; `tags` are the run's, `version_tags` those of the registered version.
    """

    name: str
    digest: str
    data_digest: str
    tags: Mapping[str, str]
    version_tags: Mapping[str, str]
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    artefacts: tuple[Path, ...]
    tables: Mapping[str, pd.DataFrame]
    predictions: pd.DataFrame
    predictions_name: str
    predictions_source: str
    model: LoggedModel


def content_of(result: Result, digest: str, naming: Naming, folder: Path) -> RunContent:
    """The content of the run of `result`. Files made for it are written to `folder`.

    Raises InputError when a file of the result is missing or damaged.
    """
    files, scoring = result.files, result.files.model / "scoring"
    models, metrics = load_models(scoring), read_whole_json(files.metrics)
    trained = models.login
    features = load_features(scoring / LOGIN, trained.features)
    with found_whole(files.profiles / "profiles.parquet"):
        people = read_table(files.profiles / "profiles.parquet")
    figures = read_table(files.figure_rows)
    _draw(result, trained, features, people, folder / "figures")
    _write_renamed(result, people["user_id"], naming, folder / "profiles")
    reports = (
        files.report, files.metrics, files.ingest_report, files.curve, files.plots, files.model_card,
        files.drift_report, files.figures, files.plays,
    )  # fmt: skip
    return RunContent(
        name=f"{Path(result.log.contract).stem}-{_short(result.label)}-{models.version}",
        digest=digest,
        data_digest=digest_of({"ingest_report": files.ingest_report, "predictions": files.predictions}),
        tags={"version": models.version, "grade": result.grade, **git_tags()},
        version_tags=_version_tags(result, models, metrics),
        parameters=as_texts(result.parameters),
        metrics=dict(numbers(metrics)) | headline_figures(figures),
        artefacts=(*reports, *(path for path in (folder / "figures", folder / "profiles") if path.is_dir())),
        tables=profile_tables(people, naming) | business_tables(figures, files.cohorts, files.fade),
        predictions=tested_rows(files.predictions),
        predictions_name=Path(without_secrets(result.log.path)).name,
        predictions_source=without_secrets(result.log.path),
        model=logged_model(features, scoring, files.logins, folder / "served", files.profiles, files.metrics),
    )


def _draw(
    result: Result, trained: TrainedModel, features: tuple[Feature, ...], people: pl.DataFrame, folder: Path
) -> None:
    """Write the figures of the report, and those of the features, into `folder`."""
    files = result.files
    figures = figures_of(
        read_whole_json(files.metrics), files.plots, read_csv(files.curve), people, result.label
    )
    names = {feature.name: short_name(feature) for feature in features}
    figures |= business_figures(read_whole_json(files.figures))
    figures |= feature_figures(explained_sample(people, files.logins, trained), names)
    save_figures(figures, folder)


def _write_renamed(result: Result, users: pl.Series, naming: Naming, folder: Path) -> None:
    """Write the JSON files that may hold user ids into `folder`, with renamed users."""
    files = result.files
    sources = {
        "styles": files.profiles / "styles.json", "play_styles": files.profiles / "play_styles.json",
        "segments": files.segments, "causes": files.causes,
    }  # fmt: skip
    for name, path in sources.items():
        if path.is_file():
            with found_whole(path):
                content = renamed(read_whole_json(path), users, naming)
            write_json(content, folder / f"{name}.json")


def _version_tags(result: Result, models: ListModel, metrics: Mapping[str, Any]) -> dict[str, str]:
    contract = Path(result.log.contract)
    return {
        **product_of(contract, models.card.churn),
        "grade": result.grade,
        "model": models.version,
        "contract_digest": digest_of({"contract": contract})[:16],
        "data_end": models.card.data_end.isoformat(),
        "list_auc": str(metrics["list"].get("auc", {}).get("value")),
        "list_log_loss": str(metrics["list"].get("log_loss", {}).get("value")),
        "test_auc": str(metrics["test"]["auc"]["value"]),
        "test_log_loss": str(metrics["test"]["log_loss"]["value"]),
    }


def _short(label: Label) -> str:
    """The definition of churn in a run's name: "14d", or "drop-14d"."""
    horizon = f"{label.horizon_days}d"
    return horizon if label.kind == "inactivity" else f"{label.kind}-{horizon}"


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


def as_texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """`parameters` as MLflow stores them, without passwords and tokens in URLs."""
    return {name: without_secrets(str(value)) for name, value in parameters.items()}


def git_tags() -> dict[str, str]:
    """`git_commit`, and whether files differ from it; empty without git."""
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"git_commit": commit, "git_changed": "yes" if changed else "no"}


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(_CODE), *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def tested_rows(predictions: Path) -> pd.DataFrame:
    """The test rows without user ids, as MLflow's data set describes them (schema and digest, no rows)."""
    rows = read_table(predictions, columns=["login_day", "churned", "probability"])
    return pd.DataFrame(
        {
            "login_day": pd.to_datetime(rows["login_day"].to_list()),
            "churned": rows["churned"].to_numpy(),
            "probability": rows["probability"].to_numpy(),
        }
    )


def profile_tables(people: pl.DataFrame, naming: Naming) -> dict[str, pd.DataFrame]:
    """The profiles with renamed users: all, and the users most at risk as JSON for MLflow's UI."""
    hidden = people.with_columns(
        pl.Series("user_id", [naming(user) for user in people["user_id"]], dtype=pl.String)
    )
    at_risk = hidden.sort(["login_probability", "user_id"], descending=[True, False]).head(_SAMPLE_USERS)
    as_text = at_risk.with_columns(pl.col("login_day").cast(pl.String))
    return {
        "profiles/profiles.parquet": hidden.to_pandas(),
        "profiles/most_at_risk.json": as_text.to_pandas(),
    }


def headline_figures(figures: pl.DataFrame) -> dict[str, float]:
    """`business.NAME` of each of `HEADLINES` that is known, of the last whole month, or week if there are no months."""
    whole = figures.filter(~pl.col("partial") & pl.col("grain").is_in(["month", "week"]))
    if whole.is_empty():
        return {}
    own = whole.filter(pl.col("grain") == whole["grain"].min())  # months before weeks
    last = own.filter(pl.col("last_day") == pl.col("last_day").max())
    known = last.filter(pl.col("kpi").is_in(HEADLINES) & pl.col("value").is_not_null())
    return {f"business.{kpi}": float(value) for kpi, value in known.select("kpi", "value").iter_rows()}


def business_tables(figures: pl.DataFrame, cohorts: Path, fade: Path) -> dict[str, pd.DataFrame]:
    """The tables by artefact path, as MLflow shows them: days are texts."""
    tables = {"figures": figures, "cohorts": read_csv(cohorts), "fade": read_csv(fade)}
    texts = {name: table.with_columns(pl.col(pl.Date).cast(pl.String)) for name, table in tables.items()}
    return {f"business/{name}.json": table.to_pandas() for name, table in texts.items()}
