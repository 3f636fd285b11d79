"""Stage `evaluate`: how good the evaluated model is on the test period, and against what."""

from pathlib import Path
from typing import Any

import polars as pl

from models.baselines import baseline_predictions
from models.classifier import labels
from models.curves import curves
from models.evidence import judge_evidence
from models.expected import expected_qualities
from models.grade import grade
from models.intervals import Bootstrap, auc_gain, qualities
from models.metrics import auc
from models.segments import segments
from models.split import TimeSplit, within
from models.trained import TrainedModel
from pipeline.learning import periods_of, read_rows
from pipeline.model_store import load_model
from pipeline.oracle import against_truth, is_demo
from pipeline.params import Evaluate, Label, Log, Split, Train
from pipeline.stage import In, Out, main
from pipeline.storage import write_json, write_parquet


def run(
    log: Log,
    label: Label,
    split: Split,
    train: Train,
    evaluate: Evaluate,
    model: In = Path("data/model/evaluated"),
    logins: In = Path("data/logins"),
    truth: In = Path("data/raw/demo/truth.parquet"),
    predictions: Out = Path("data/predictions/test.parquet"),
    metrics: Out = Path("reports/metrics.json"),
    plots: Out = Path("reports/plots"),
) -> None:
    """Write the test rows' predictions, `metrics.json` and the curves' tables."""
    trained = load_model(model)
    rows = read_rows(logins)
    periods = periods_of(rows, label, split, train)
    probability = pl.Series("probability", trained.predict(rows.filter(within(periods.test))))
    test = rows.filter(within(periods.test)).select(
        "user_id", "login_day", "login_number", "churned", probability
    )
    judged = judge(rows, test, periods, Bootstrap(evaluate.bootstrap, evaluate.seed)) | _model_facts(
        trained, periods
    )
    own = rows.filter(within(periods.test)).with_columns(probability)
    judged["evidence"] = judge_evidence(own, trained.evidence, Bootstrap(evaluate.bootstrap, evaluate.seed))
    judged["expected"] = expected_qualities(probability.to_numpy())
    if is_demo(Path(log.path), truth) and label.lead_days == 0:  # the truth is told for no lead
        judged["oracle"] = against_truth(truth, rows, test, periods, trained)
    write_parquet(test.select("user_id", "login_day", "churned", "probability"), predictions)
    write_json(judged, metrics)
    plots.mkdir(parents=True, exist_ok=True)
    for name, curve in curves(labels(test), probability.to_numpy()).items():
        curve.write_csv(plots / f"{name}.csv", float_precision=6)


def judge(rows: pl.DataFrame, test: pl.DataFrame, periods: TimeSplit, bootstrap: Bootstrap) -> dict[str, Any]:
    """`test`, `baselines`, `segments` and `grade` of metrics.json.

    `test`: the test rows of `rows`, in their order, with `probability`.
    """
    users, churned, ours = test["user_id"], labels(test), test["probability"].to_numpy()
    found = qualities(users, churned, ours, bootstrap)
    others = baseline_predictions(rows, periods)
    best = max(others, key=lambda name: auc(churned, others[name]))
    gain = auc_gain(users, churned, ours, others[best], bootstrap)
    graded = grade(gain, best, found["calibration_error"])
    parts = segments(test, rows.filter(within(periods.training))["user_id"])
    return {
        "grade": graded.letter,
        "grade_because": graded.because,
        "auc_gain": gain | {"over": best},
        "test": found,
        "baselines": {name: qualities(users, churned, other, bootstrap) for name, other in others.items()},
        "segments": {name: _part(test.filter(mask), bootstrap) for name, mask in parts.items()},
    }


def _part(test: pl.DataFrame, bootstrap: Bootstrap) -> dict[str, Any]:
    return qualities(test["user_id"], labels(test), test["probability"].to_numpy(), bootstrap)


def _model_facts(trained: TrainedModel, periods: TimeSplit) -> dict[str, Any]:
    """What the model is, and from where to where it learnt and was judged."""
    return {
        "model": {
            "version": trained.version,
            "features": len(trained.features),
            "rounds": trained.card.rounds,
            "training_rows": trained.card.rows,
            "calibration": trained.calibration.kind,
            "calibration_note": trained.card.calibration_note,
        },
        "periods": {
            "training": str(periods.training),
            "test": str(periods.test),
            "origins": len(periods.origins),
        },
    }


if __name__ == "__main__":
    main(run)
