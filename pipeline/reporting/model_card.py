"""The model card: the purpose of the model, its quality and its weaknesses, on one page of Markdown.

The sections are those of Mitchell et al. 2019, "Model Cards for Model Reporting". Promise: every number is read
from the files of the run. What they do not hold is left out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.define import Feature
from models.arrays import Floats
from models.evaluation.grade import calibration_bound
from models.learning.linear import Linear
from models.learning.list_model import ListModel
from models.learning.scorer import Scorer, Single, parts
from pipeline.config.sections import Evaluate, Log
from pipeline.reporting.templates import render
from pipeline.reporting.value_tables import value_tables

_TEMPLATE = "model_card.md.jinja"
_WEAK_AUC, _FEW_ROWS = 0.05, 200
_MEASURES = {
    "auc": "AUC", "average_precision": "average precision", "log_loss": "log loss", "brier": "Brier score",
    "calibration_error": "calibration error", "lift_at_10pct": "lift among the 10 % most at risk",
}  # fmt: skip
_TOP_FEATURES = 15


@dataclass(frozen=True, slots=True)
class Models:
    """The evaluated version, and the scoring version with the features of logins."""

    evaluated: ListModel
    scoring: ListModel
    features: Sequence[Feature]


def model_card_page(
    log: Log, evaluate: Evaluate, ingested: Mapping[str, Any], metrics: Mapping[str, Any], models: Models
) -> str:
    """The page in Markdown. `ingested`, `metrics`: `reports/ingest.json` and `reports/metrics.json`."""
    scoring = models.scoring
    return render(
        _TEMPLATE,
        log=log,
        name=Path(log.contract).stem,
        evaluate=evaluate,
        ingested=ingested,
        metrics=metrics,
        of_value=value_tables(metrics["value"]),
        qualities=_qualities(metrics),
        baselines=_baselines(metrics),
        weak=weak_segments(metrics),
        evaluated=models.evaluated,
        scoring=scoring,
        churn=scoring.card.churn,
        version=scoring.version,
        rule=scoring.evidence.rule,
        dimensions=_by_dimension([feature.dimension for feature in models.features]),
        strongest={
            "the login model": _shares(scoring.login.booster),
            "the model of silent users": _shares(scoring.silent.scorer),
        },
        with_interval=_with_interval,
    )


def weak_segments(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Each segment in which the model is weak, and why.

    Weak means one of three things. Its AUC is more than 0.05 below that of the whole test period (95 % interval). Its
    calibration error is above the bound of the grade, a tenth of the segment's rarer class (95 % interval). Or it has
    one class only or fewer than 200 rows, so its quality is unknown.
    """
    whole = metrics["test"]["auc"]["value"]
    weak = {}
    for name, part in metrics.get("segments", {}).items():
        auc, error, rows = part["auc"], part["calibration_error"], part["rows"]["value"]
        why = []
        if auc["value"] is None or rows < _FEW_ROWS:
            why.append(f"{rows:,} logins are too few to evaluate")
        elif whole is not None and auc["high"] < whole - _WEAK_AUC:
            why.append(f"AUC {_with_interval(auc)} against {whole:.3f} overall")
        bound = calibration_bound(part["base_rate"]["value"] or 0.0)
        if error["value"] is not None and error["low"] > bound and rows >= _FEW_ROWS:
            why.append(f"calibration error {_with_interval(error)}, more than {bound:.3f}")
        if why:
            weak[name] = "; ".join(why)
    return weak


def strongest(scorer: Scorer) -> list[tuple[str, float]]:
    """The features with the largest share of the trees' total gain, at most 15, and that share.

    Of a regression: the share of the absolute slopes, which are those of standardised values. Of a blend: of both, each
    with its own share.
    """
    shares: Counter[str] = Counter()
    for share, part in parts(scorer):
        names, gain = _gains(part)
        for name, of_name in zip(names, (share * gain / (float(gain.sum()) or 1.0)).tolist(), strict=True):
            shares[name] += of_name
    return [(name, share) for name, share in shares.most_common(_TOP_FEATURES) if share > 0]


def _gains(scorer: Single) -> tuple[Sequence[str], Floats]:
    if isinstance(scorer, Linear):
        return scorer.features, np.abs(np.array(scorer.slope))
    return scorer.feature_name(), np.asarray(scorer.feature_importance("gain"), dtype=np.float64)


def _shares(scorer: Scorer) -> str:
    return ", ".join(f"{name} ({share:.0%})" for name, share in strongest(scorer))


def _qualities(metrics: Mapping[str, Any]) -> dict[str, list[str]]:
    """Each measure of the lists, of their silent users, and of logins."""
    parts = (metrics["list"], metrics["list"].get("silent", {}), metrics["test"])
    return {
        name: [_with_interval(part[key]) if key in part else "not measured" for part in parts]
        for key, name in _MEASURES.items()
    }


def _baselines(metrics: Mapping[str, Any]) -> dict[str, list[str]]:
    """The AUC of each baseline on lists and on logins."""
    of_list, of_logins = metrics["list"].get("baselines", {}), metrics["baselines"]
    return {
        name: [
            _with_interval(part[name]["auc"]) if name in part else "–"  # noqa: RUF001  # as tables have it
            for part in (of_list, of_logins)
        ]
        for name in dict.fromkeys((*of_list, *of_logins))
    }


def _by_dimension(dimensions: list[str]) -> dict[str, int]:
    return {name: dimensions.count(name) for name in dict.fromkeys(dimensions)}


def _with_interval(quality: Mapping[str, Any]) -> str:
    """A value with its 95 % interval."""
    value, low, high = (quality[name] for name in ("value", "low", "high"))
    if value is None:
        return "not measured"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} ({low:.3f} to {high:.3f})"
