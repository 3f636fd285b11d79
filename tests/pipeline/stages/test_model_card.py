"""The model card says what the run's files say, and no more."""

from pathlib import Path
from typing import Any

from pipeline.reporting.model_card import strongest, weak_segments
from pipeline.stages import model_card
from pipeline.storage.files import read_json, write_json
from pipeline.storage.model_folder import load_models
from tests.support.finished import finished, run_in


def quality(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": value if low is None else low, "high": value if high is None else high}


def test_the_card_tells_grade_period_definition_figures_and_limits(tmp_path: Path) -> None:
    root = finished(tmp_path)
    metrics = read_json(root / "reports/metrics.json")
    page = (root / "reports/model_card.md").read_text("utf-8")
    scoring = load_models(root / "data/model/scoring")
    measured = [metrics["list"]["auc"], metrics["list"]["silent"]["auc"], metrics["test"]["auc"]]
    columns = [f"{auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})" for auc in measured]
    for text in (
        f"Grade **{metrics['grade']}**: {metrics['grade_because']}.",
        f"Version `{scoring.version}`",
        f"| AUC | {' | '.join(columns)} |",
        f"{scoring.card.trained_from} to {scoring.card.trained_to}",
        f"| {scoring.login.card.rows:,} |",
        f"| {scoring.silent.card.rows:,} |",
        f"Lists: {metrics['list']['lists']} of the days {metrics['list']['first_day']} to ",
        f"Test period: logins of {metrics['periods']['test']}",
        "`label.kind: inactivity`): A login is the last one when no other follows within 14 days.",
        "4 features of a login, by dimension: rhythm 3, context 1."
        if "context 1" in page
        else "4 features of a login, by dimension:",
        f"features of the login model, by share of the trees' gain: {strongest(scoring.login.booster)[0][0]}",
        f"of the model of silent users, by share of the trees' gain: {strongest(scoring.silent.scorer)[0][0]}",
        "## Limits",
        "expected from the probabilities alone",
    ):
        assert text in page
    assert "None" not in page
    assert "nan" not in page


def test_a_figure_that_is_not_known_is_said_so(tmp_path: Path) -> None:
    root = finished(tmp_path)
    metrics = read_json(root / "reports/metrics.json")
    nothing = {"value": None, "low": None, "high": None}
    metrics["list"]["auc"], metrics["test"]["auc"] = nothing, nothing
    metrics.pop("evidence")
    metrics.pop("expected")
    write_json(metrics, root / "reports/metrics.json")
    run_in(root, model_card.run)
    page = (root / "reports/model_card.md").read_text("utf-8")
    assert "| AUC | not measured |" in page
    assert "expected from the probabilities" not in page


def test_weak_is_what_is_surely_worse_badly_calibrated_or_too_small_to_know() -> None:
    good = {
        "auc": quality(0.8, 0.78, 0.82),
        "calibration_error": quality(0.01),
        "rows": quality(900),
        "base_rate": quality(0.3),
    }
    parts = {
        "good": good,
        "worse": good | {"auc": quality(0.6, 0.5, 0.7)},
        "perhaps worse": good | {"auc": quality(0.6, 0.4, 0.79)},
        "uncalibrated": good | {"calibration_error": quality(0.08, 0.05, 0.1)},
        "perhaps uncalibrated": good | {"calibration_error": quality(0.08, 0.02, 0.1)},
        "rare": good | {"calibration_error": quality(0.02), "base_rate": quality(0.9)},
        "small": good | {"rows": quality(20), "calibration_error": quality(0.2)},
        "one class": good | {"auc": {"value": None, "low": None, "high": None}},
    }
    weak = weak_segments({"test": {"auc": quality(0.8)}, "segments": parts})
    assert list(weak) == ["worse", "uncalibrated", "rare", "small", "one class"]
    assert weak["worse"] == "AUC 0.600 (0.500 to 0.700) against 0.800 overall"
    assert weak["uncalibrated"] == "calibration error 0.080 (0.050 to 0.100), more than 0.030"
    assert weak["small"] == "20 logins are too few to evaluate"


def test_texts_of_the_log_are_escaped(tmp_path: Path) -> None:
    root = finished(tmp_path)
    metrics = read_json(root / "reports/metrics.json")
    small = {
        "auc": quality(0.5),
        "calibration_error": quality(0.2),
        "rows": quality(20),
        "base_rate": quality(0.3),
    }
    metrics["segments"] = {"country=<script>|`x`|[a](http://b)\n# c": small}
    write_json(metrics, root / "reports/metrics.json")
    run_in(root, model_card.run, log={"path": "a`b|c.csv"})
    page = (root / "reports/model_card.md").read_text("utf-8")
    assert r"- country=&lt;script&gt;\|\`x\`\|\[a\](http\://b) # c: 20 logins" in page
    assert "- Log ``a`b|c.csv``, read by" in page


def test_a_password_in_the_path_of_a_log_is_hidden(tmp_path: Path) -> None:
    root = finished(tmp_path)
    run_in(root, model_card.run, log={"path": "https://b.example/log.csv?X-Amz-Signature=geheim"})
    page = (root / "reports/model_card.md").read_text("utf-8")
    assert "- Log `https://b.example/log.csv?X-Amz-Signature=***`, read by" in page
