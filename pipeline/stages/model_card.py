"""Stage `model_card`: what the model is, for whom, how good, where weak, on one page of Markdown.

The sections are those of Mitchell et al. 2019, "Model Cards for Model Reporting". Promise: every number is read
from the run's own files; what a run cannot tell is not there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.learning.trained_model import TrainedModel
from pipeline.config.params import Evaluate, Log
from pipeline.reporting.templates import render
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import INGEST_REPORT, METRICS_REPORT, MODEL, MODEL_CARD
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import load_features, load_model

TEMPLATE = "model_card.md.jinja"
_WEAK_AUC, _WEAK_CALIBRATION, _FEW_ROWS = 0.05, 0.03, 200
_MEASURES = {
    "auc": "AUC", "average_precision": "average precision", "log_loss": "log loss", "brier": "Brier score",
    "calibration_error": "calibration error", "lift_at_10pct": "lift among the 10 % most at risk",
}  # fmt: skip
_TOP_FEATURES = 15


def run(
    log: Log,
    evaluate: Evaluate,
    model: In = MODEL.path,
    ingest_report: In = INGEST_REPORT.path,
    metrics: In = METRICS_REPORT.path,
    card: Out = MODEL_CARD.path,
) -> None:
    """Write the page."""
    judged = read_json(metrics)
    evaluated, scoring = load_model(model / "evaluated"), load_model(model / "scoring")
    features = load_features(model / "scoring", scoring)
    page = render(
        TEMPLATE,
        log=log,
        name=Path(log.contract).stem,
        evaluate=evaluate,
        ingested=read_json(ingest_report),
        metrics=judged,
        test={called: _said(judged["test"][name]) for name, called in _MEASURES.items()},
        baselines={name: _said(part["auc"]) for name, part in judged["baselines"].items()},
        weak=weak_segments(judged),
        evaluated=evaluated.card,
        scoring=scoring.card,
        version=scoring.version,
        rule=scoring.evidence.rule,
        dimensions=_by_dimension([feature.dimension for feature in features]),
        strongest=[f"{name} ({share:.0%})" for name, share in strongest(scoring)],
        said=_said,
    )  # fmt: skip
    card.write_text(page, "utf-8")


def weak_segments(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Each segment in which the model is weak, and why.

    Weak: its AUC lies surely (95 % interval) more than 0.05 below that of the whole test period, its calibration
    error is above 0.03, or it has fewer than 200 rows or one class only, so that nobody knows.
    """
    whole = metrics["test"]["auc"]["value"]
    found = {}
    for name, part in metrics.get("segments", {}).items():
        auc, error, rows = part["auc"], part["calibration_error"], part["rows"]["value"]
        why = []
        if auc["value"] is None or rows < _FEW_ROWS:
            why.append(f"{rows:,} logins are too few to know")
        elif whole is not None and auc["high"] < whole - _WEAK_AUC:
            why.append(f"AUC {_said(auc)} against {whole:.3f} over all")
        if error["value"] is not None and error["value"] > _WEAK_CALIBRATION and rows >= _FEW_ROWS:
            why.append(f"calibration error {_said(error)}")
        if why:
            found[name] = "; ".join(why)
    return found


def strongest(trained: TrainedModel) -> list[tuple[str, float]]:
    """The features with the largest share of the trees' total gain, at most 15, and that share."""
    gain = trained.booster.feature_importance("gain")
    total = float(gain.sum()) or 1.0
    shares = sorted(zip(trained.features, (gain / total).tolist(), strict=True), key=lambda found: -found[1])
    return [(name, share) for name, share in shares[:_TOP_FEATURES] if share > 0]


def _by_dimension(dimensions: list[str]) -> dict[str, int]:
    return {name: dimensions.count(name) for name in dict.fromkeys(dimensions)}


def _said(quality: Mapping[str, Any]) -> str:
    """A value with its 95 % interval."""
    value, low, high = (quality[name] for name in ("value", "low", "high"))
    if value is None:
        return "not known"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main(run)
