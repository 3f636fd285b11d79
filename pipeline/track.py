"""Stage `track`: the whole result as one MLflow run, and its model in the registry.

Promise: tracking the same result twice makes one run, and no user id leaves in clear: the profiles table
carries pseudonyms (HMAC-SHA-256 under the environment's LASTLOGIN_ID_KEY; without that key an empty one, which
whoever holds a list of user ids can undo).
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.chart_style import save_figures
from pipeline.contracts import load_contract
from pipeline.digests import digest_of
from pipeline.features_in_use import features_of_model
from pipeline.figures import figures_of
from pipeline.model_store import load_model
from pipeline.outside_told import read_told
from pipeline.params import Costs, Evaluate, Features, Label, Log, Rates, Score, Split, Tracking, Train, Value
from pipeline.quiet import be_quiet
from pipeline.run_content import RunContent, git_tags, judged, numbers, parameters, profile_tables, served
from pipeline.stage import In, Out, main
from pipeline.storage import read_json, write_json


def run(
    tracking: Tracking,
    log: Log,
    rates: Rates,
    features: Features,
    label: Label,
    split: Split,
    train: Train,
    evaluate: Evaluate,
    costs: Costs,
    score: Score,
    value: Value,
    model: In = Path("data/model"),
    logins: In = Path("data/logins"),
    predictions: In = Path("data/predictions/test.parquet"),
    profiles: In = Path("data/profiles"),
    ingest_report: In = Path("reports/ingest.json"),
    curve: In = Path("reports/return_curve.csv"),
    metrics: In = Path("reports/metrics.json"),
    plots: In = Path("reports/plots"),
    report: In = Path("reports/report.html"),
    tracked: Out = Path("reports/mlflow.json"),
    outside_report: In = Path("reports/outside.json"),
) -> None:
    """Find the run or make it, and write where it is.

    `logins` only lend the model its input example: what they hold is in `model` and `predictions`.
    Raises InputError when MLflow cannot be reached or refuses.
    """
    be_quiet()
    from pipeline.tracking import earlier_run, new_run, store_of  # noqa: PLC0415  # MLflow takes seconds

    values = parameters(log, rates, features, label, split, train, evaluate, costs, score, value)
    inputs = {
        "model": model, "predictions": predictions, "profiles": profiles, "ingest_report": ingest_report,
        "curve": curve, "metrics": metrics, "plots": plots, "report": report,
    }  # fmt: skip
    judged_by = {name: path for name, path in inputs.items() if name != "report"}  # a page about the others
    digest = digest_of(judged_by, values | {"tracking.model_name": tracking.model_name})
    root = Path(os.environ.get("DVC_ROOT") or Path.cwd())
    store = store_of(tracking.uri, tracking.experiment, tracking.model_name, root)
    found = earlier_run(store, digest)
    if found is None:
        with tempfile.TemporaryDirectory() as place:
            content = _content(
                log,
                label,
                values,
                inputs | {"logins": logins, "outside": outside_report},
                digest,
                Path(place),
            )
            found = new_run(store, content)
    write_json(
        {
            "uri": store.shown,
            "experiment": store.experiment,
            "run_id": found.run_id,
            "run_name": found.run_name,
            "model_name": store.model_name,
            "model_version": found.model_version,
            "digest": digest,
        },
        tracked,
    )


def _content(
    log: Log,
    label: Label,
    values: Mapping[str, Any],
    inputs: Mapping[str, Path],
    digest: str,
    place: Path,
) -> RunContent:
    """What the run shows; files made for it lie in `place`."""
    scoring = inputs["model"] / "scoring"
    trained = load_model(scoring)
    features = features_of_model(
        trained.features, load_contract(Path(log.contract)), read_told(inputs["outside"])
    )
    people = pl.read_parquet(inputs["profiles"] / "profiles.parquet")
    metrics = read_json(inputs["metrics"])
    curve = pl.read_csv(inputs["curve"])
    save_figures(figures_of(metrics, inputs["plots"], curve, people, label), place / "figures")
    reports = tuple(inputs[name] for name in ("report", "metrics", "ingest_report", "curve", "plots"))
    return RunContent(
        name=f"{Path(log.contract).stem}-{_short(label)}-{trained.version}",
        digest=digest,
        data_digest=digest_of({name: inputs[name] for name in ("ingest_report", "predictions")}),
        tags={"version": trained.version, "grade": str(metrics["grade"]), **git_tags()},
        parameters=values,
        metrics=dict(numbers(metrics)),
        artefacts=(*reports, place / "figures"),
        tables=profile_tables(people),
        predictions=judged(inputs["predictions"]),
        predictions_name=Path(log.path).name,
        predictions_source=log.path,
        model=served(features, scoring, inputs["logins"], place / "served", inputs["profiles"]),
    )


def _short(label: Label) -> str:
    """What churn is, for a run's name: "14d", or "drop-14d"."""
    horizon = f"{label.horizon_days}d"
    return horizon if label.kind == "inactivity" else f"{label.kind}-{horizon}"


if __name__ == "__main__":
    main(run)
