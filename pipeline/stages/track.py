"""Stage `track`: the whole result as one MLflow run, and its model in the registry.

Promise: tracking the same result twice makes one run, and no user id leaves in clear, unless
`tracking.user_ids` says so.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from features.wording.sentences import short_name
from pipeline.config.params import (
    Costs,
    Evaluate,
    External,
    Features,
    Holdout,
    Label,
    Log,
    Rates,
    RiskBands,
    Split,
    Styles,
    Tracking,
    Train,
    Value,
)
from pipeline.learning.churn_in_use import churn_of
from pipeline.reporting.charts.feature_effects import explained_sample, feature_figures
from pipeline.reporting.charts.overview import figures_of
from pipeline.reporting.charts.style import save_figures
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    CAUSES_REPORT,
    DRIFT_REPORT,
    INGEST_REPORT,
    LOGINS,
    METRICS_REPORT,
    MLFLOW_REPORT,
    MODEL,
    MODEL_CARD,
    PLOTS,
    PROFILES,
    PROMOTION_REPORT,
    REPORT_PAGE,
    RETURN_CURVE,
    SEGMENTS_REPORT,
    TEST_PREDICTIONS,
)
from pipeline.storage.digests import digest_of
from pipeline.storage.files import found_whole, read_json, write_json
from pipeline.storage.model_folder import load_features, load_model
from pipeline.tracking.promotion import against_champion, first_decision, other_product, product_of
from pipeline.tracking.pseudonyms import Naming, naming_of, renamed
from pipeline.tracking.quiet import disable_telemetry
from pipeline.tracking.registry import store_in_use
from pipeline.tracking.run_content import (
    RunContent,
    git_tags,
    judged,
    numbers,
    parameters,
    profile_tables,
    served,
)

if TYPE_CHECKING:
    from pipeline.tracking.mlflow_store import Store, Tracked


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
    risk_bands: RiskBands,
    holdout: Holdout,
    styles: Styles,
    value: Value,
    external: External,
    model: In = MODEL.path,
    logins: In = LOGINS.path,
    predictions: In = TEST_PREDICTIONS.path,
    profiles: In = PROFILES.path,
    ingest_report: In = INGEST_REPORT.path,
    curve: In = RETURN_CURVE.path,
    metrics: In = METRICS_REPORT.path,
    plots: In = PLOTS.path,
    report: In = REPORT_PAGE.path,
    model_card: In = MODEL_CARD.path,
    drift_report: In = DRIFT_REPORT.path,
    segments: In = SEGMENTS_REPORT.path,
    causes: In = CAUSES_REPORT.path,
    tracked: Out = MLFLOW_REPORT.path,
    promotion: Out = PROMOTION_REPORT.path,
) -> None:
    """Find the run or make it, decide whether its model becomes champion, and write where it is and why.

    `logins` lend the model its input example, and a champion_challenger its rows: what they hold is in `model` and
    `predictions`. A decision is made once and kept with the version: who is champion later changes nothing.
    Raises InputError when MLflow cannot be reached or refuses, or the key of the user ids cannot be used.
    """
    disable_telemetry()
    naming = naming_of(tracking)
    from pipeline.tracking.mlflow_store import earlier_run, new_run  # noqa: PLC0415  # MLflow takes seconds

    values = parameters(
        log,
        rates,
        features,
        label,
        split,
        train,
        evaluate,
        costs,
        risk_bands,
        holdout,
        styles,
        value,
        external,
    )
    inputs = {
        "model": model, "predictions": predictions, "profiles": profiles, "ingest_report": ingest_report,
        "curve": curve, "metrics": metrics, "plots": plots, "report": report, "model_card": model_card,
        "drift_report": drift_report, "segments": segments, "causes": causes,
    }  # fmt: skip
    pages = ("report", "model_card")  # they tell of the others
    judged_by = {name: path for name, path in inputs.items() if name not in pages}
    # What nobody is called under the key in use: a run with weaker pseudonyms is not the one that is asked for.
    asked = {
        "tracking.model_name": tracking.model_name, "tracking.user_ids": tracking.user_ids, "nobody": naming(""),
    }  # fmt: skip
    digest = digest_of(judged_by, values | asked)
    store = store_in_use(tracking)
    found = earlier_run(store, digest)
    if found is None:
        with tempfile.TemporaryDirectory() as place:
            content = _content(
                log,
                label,
                values,
                inputs | {"logins": logins},
                digest,
                naming,
                {"styles": profiles / "styles.json", "segments": segments, "causes": causes},
                Path(place),
            )
            found = new_run(store, content)
    decision = _decided(
        store, found, product_of(Path(log.contract), churn_of(label)), str(read_json(metrics)["grade"]),
        lambda champion, grade: against_champion(champion, model, logins, grade, label, split, evaluate),
    )  # fmt: skip
    write_json(decision, promotion)
    write_json(_where(store, found, digest), tracked)


def _where(store: "Store", found: "Tracked", digest: str) -> dict[str, Any]:
    """Where the run of that digest is."""
    return {
        "uri": store.shown,
        "experiment": store.experiment,
        "run_id": found.run_id,
        "run_name": found.run_name,
        "model_name": store.model_name,
        "model_version": found.model_version,
        "digest": digest,
    }


def _decided(
    store: "Store",
    found: "Tracked",
    product: dict[str, str],
    grade: str,
    champion_challenger: Callable[[Path, str], dict[str, Any]],
) -> dict[str, Any]:
    """What was decided of the version that `found` made, or is decided now; said when it does not take over."""
    from pipeline.tracking.mlflow_store import PROMOTION_TAG, model_folder, settle, standing, version  # noqa: PLC0415

    number = found.model_version
    if number is None:
        return {"promoted": False, "because": "the registry has no version of this run", "version": None}
    known = version(store, number).tags.get(PROMOTION_TAG)
    if known is not None:
        return dict(json.loads(known))
    champion = standing(store).champion
    if champion == number:
        decision = {"promoted": True, "because": "it is the champion already"}
    elif champion is None:
        decision = first_decision(grade)
    else:
        theirs = dict(version(store, champion).tags)
        decision = other_product(product, theirs, champion, store.model_name) or {}
        if not decision:
            with tempfile.TemporaryDirectory() as place:
                decision = champion_challenger(model_folder(store, champion, Path(place)), grade)
    decision |= {"version": number, "champion_before": champion}
    settle(store, found, number, decision)
    if not decision["promoted"]:
        sys.stderr.write(f"version {number} stays challenger: {decision['because']}\n")
    return decision


def _content(
    log: Log,
    label: Label,
    values: Mapping[str, Any],
    inputs: Mapping[str, Path],
    digest: str,
    naming: Naming,
    told_of_users: Mapping[str, Path],
    place: Path,
) -> RunContent:
    """What the run shows; files made for it lie in `place`.

    `told_of_users`: JSON that may name users, by the name it is logged under; one that is absent is left out.
    """
    scoring = inputs["model"] / "scoring"
    trained = load_model(scoring)
    features = load_features(scoring, trained)
    with found_whole(inputs["profiles"] / "profiles.parquet"):
        people = pl.read_parquet(inputs["profiles"] / "profiles.parquet")
    metrics = read_json(inputs["metrics"])
    curve = pl.read_csv(inputs["curve"])
    figures = figures_of(metrics, inputs["plots"], curve, people, label)
    words = {feature.name: short_name(feature) for feature in features}
    figures |= feature_figures(explained_sample(people, inputs["logins"], trained), words)
    save_figures(figures, place / "figures")
    for name, path in told_of_users.items():
        if path.is_file():
            with found_whole(path):
                told = renamed(read_json(path), people["user_id"], naming)
            write_json(told, place / f"profiles/{name}.json")
    shown = ("report", "metrics", "ingest_report", "curve", "plots", "model_card", "drift_report")
    reports = tuple(inputs[name] for name in shown)
    return RunContent(
        name=f"{Path(log.contract).stem}-{_short(label)}-{trained.version}",
        digest=digest,
        data_digest=digest_of({name: inputs[name] for name in ("ingest_report", "predictions")}),
        tags={"version": trained.version, "grade": str(metrics["grade"]), **git_tags()},
        version_tags=product_of(Path(log.contract), trained.card.churn)
        | {
            "grade": str(metrics["grade"]),
            "model": trained.version,
            "contract_digest": digest_of({"contract": Path(log.contract)})[:16],
            "data_end": trained.card.data_end.isoformat(),
            "test_auc": str(metrics["test"]["auc"]["value"]),
            "test_log_loss": str(metrics["test"]["log_loss"]["value"]),
        },
        parameters=values,
        metrics=dict(numbers(metrics)),
        artefacts=(*reports, *(path for path in (place / "figures", place / "profiles") if path.is_dir())),
        tables=profile_tables(people, naming),
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
