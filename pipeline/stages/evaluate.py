"""Stage `evaluate`: how good the evaluated model is on the test period, and against what."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from features.define import Feature
from models.evaluation.baselines import baseline_predictions
from models.evaluation.evidence import evaluate_evidence
from models.evaluation.grade import grade
from models.evaluation.leak_price import MOST_ROWS, leak_price
from models.evaluation.login_history import with_history
from models.evaluation.profile_agreement import profile_agreement
from models.evaluation.rolling_origins import earlier_origins, judged, spread
from models.labels.label import return_days
from models.learning.split import TimeSplit, within
from models.learning.trained_model import TrainedModel
from models.learning.training import Recipe
from models.metrics.bootstrap import Bootstrap, auc_gain, even_by_user, qualities
from models.metrics.curves import curves
from models.metrics.decisions import at_capacity, by_tenth, by_threshold
from models.metrics.expected_performance import expected_performance
from models.metrics.profit import Economics, maximum_profit
from models.metrics.quality import auc, brier_parts
from models.metrics.slices import by_column, by_tenure, segments
from models.rows import labels
from pipeline.config.params import Costs, Evaluate, Label, Log, Rates, Split
from pipeline.evaluation.earliness import LogFiles, after_silence, within_the_day
from pipeline.evaluation.oracle import against_truth, truth_beside
from pipeline.evaluation.planted_causes import reasons_found
from pipeline.evaluation.slice_columns import columns_of
from pipeline.learning.churn_in_use import churn_of, refuse_other_churn
from pipeline.learning.dataset import periods_of, read_rows
from pipeline.log.log_in_use import read_log_in_use
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    EVALUATED_MODEL,
    EVENTS,
    EXTERNAL_CHECKED,
    EXTERNAL_REPORT,
    LOG_FACTS,
    LOGINS,
    METRICS_REPORT,
    PLOTS,
    RATES,
    TEST_PREDICTIONS,
)
from pipeline.storage.files import write_json
from pipeline.storage.frames import write_parquet
from pipeline.storage.model_folder import load_features, load_model


def run(
    log: Log,
    rates: Rates,
    label: Label,
    split: Split,
    evaluate: Evaluate,
    costs: Costs,
    model: In = EVALUATED_MODEL.path,
    logins: In = LOGINS.path,
    activity: In = ACTIVITY.path,
    events: In = EVENTS.path,
    outside: In = EXTERNAL_CHECKED.path,
    external_report: In = EXTERNAL_REPORT.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    predictions: Out = TEST_PREDICTIONS.path,
    metrics: Out = METRICS_REPORT.path,
    plots: Out = PLOTS.path,
) -> None:
    """Write the test rows' predictions, `metrics.json` and the curves' tables."""
    trained, churn = load_model(model), churn_of(label)
    in_use = read_log_in_use(log, facts_file, outside, external_report)
    refuse_other_churn(trained.card.churn, churn, str(model))
    rows = read_rows(logins)
    periods = periods_of(rows, label, split)
    test = rows_to_predict(rows, periods, trained)
    bootstrap = Bootstrap(evaluate.bootstrap, evaluate.seed)
    own = rows.filter(within(periods.test)).with_columns(test["probability"])
    columns, absent = columns_of(test, rows, trained.features, activity, evaluate.by)
    returns = return_days(rows, in_use.facts.log_end).filter(rows.select(within(periods.test)).to_series())
    features = load_features(model, trained)
    sources, files = in_use.row_sources(rates, rates_table), LogFiles(events, activity, outside)
    told = {
        **judge(rows, test, trained.features, periods, bootstrap, label, evaluate, columns),
        "not_judged_by": absent,
        **decide(test, evaluate, costs),
        "rolling": rolling(rows, test, periods, trained, label, split, evaluate),
        "leak_price": price_of_leaks(rows, periods, trained),
        "earliness": {
            "within_day": within_the_day(
                test, files, sources, trained, features, evaluate.early_rows, bootstrap
            ),
            "silence": after_silence(test, returns, trained, bootstrap),
        },
        "evidence": evaluate_evidence(own, trained.evidence, bootstrap),
        "expected": expected_performance(test["probability"].to_numpy()),
        "profile_agreement": agreement(rows, periods, trained, features),
        **_model_facts(trained, periods),
    }
    truth = truth_beside(Path(log.path))
    if truth is not None and churn.is_plain:  # the truth is of plain churn alone
        told["oracle"] = against_truth(truth, rows, test, periods, trained)
        told["reasons"] = reasons_found(truth, rows.filter(within(periods.test)), trained, features)
    write_parquet(test.select("user_id", "login_day", "churned", "probability"), predictions)
    write_json(told, metrics)
    plots.mkdir(parents=True, exist_ok=True)
    for name, table in _tables(test).items():
        table.write_csv(plots / f"{name}.csv", float_precision=6)


def rows_to_predict(rows: pl.DataFrame, periods: TimeSplit, trained: TrainedModel) -> pl.DataFrame:
    """The rows of the test period with `probability`."""
    there = rows.filter(within(periods.test))
    probability = pl.Series("probability", trained.predict(there))
    return there.select("user_id", "login_day", "login_number", "window_days", "churned", probability)


def judge(
    rows: pl.DataFrame,
    test: pl.DataFrame,
    features: Sequence[str],
    periods: TimeSplit,
    bootstrap: Bootstrap,
    label: Label,
    evaluate: Evaluate,
    columns: list[pl.Series],
) -> dict[str, Any]:
    """`test`, `test_by_user`, `baselines`, `segments` and `grade` of metrics.json.

    `test`: the test rows of `rows`, in their order, with `probability`; `columns`: by which else to judge them apart.
    """
    users, churned, ours = test["user_id"], labels(test), test["probability"].to_numpy()
    found = qualities(users, churned, ours, bootstrap)
    others = baseline_predictions(rows, features, periods, label.horizon_days, label.lead_days)
    best = max(others, key=lambda name: auc(churned, others[name]))
    gain = auc_gain(users, churned, ours, others[best], bootstrap)
    graded = grade(gain, best, found["calibration_error"])
    known = rows.filter(within(periods.training))["user_id"]
    tenure = with_history(rows).filter(rows.select(within(periods.test)).to_series())["tenure_days"]
    parts = segments(test, known) | by_tenure(tenure)
    for column in columns:
        parts |= by_column(column)
    return {
        "grade": graded.letter,
        "grade_because": graded.because,
        "auc_gain": asdict(gain) | {"over": best},
        "test": found,
        "test_by_user": qualities(users, churned, ours, bootstrap, even_by_user(users)),
        "test_users": _users(users, known),
        "brier_parts": brier_parts(churned, ours),
        "baselines": {name: qualities(users, churned, other, bootstrap) for name, other in others.items()},
        "segments": {
            name: _part(test.filter(mask), bootstrap, evaluate.least_rows) for name, mask in parts.items()
        },
    }


def _part(test: pl.DataFrame, bootstrap: Bootstrap, least_rows: int) -> dict[str, Any]:
    ours = test["probability"].to_numpy()
    return qualities(test["user_id"], labels(test), ours, bootstrap, least_rows=least_rows)


def _users(tested: pl.Series, trained_on: pl.Series) -> dict[str, int]:
    users = tested.unique()
    return {"tested": users.len(), "also_trained_on": int(users.is_in(trained_on.unique().implode()).sum())}


def decide(test: pl.DataFrame, evaluate: Evaluate, costs: Costs) -> dict[str, Any]:
    """`profit` and `capacity` of metrics.json."""
    users, churned, ours = test["user_id"], labels(test), test["probability"].to_numpy()
    most_users = evaluate.capacity_users or max(1, round(evaluate.capacity_share * users.n_unique()))
    return {
        "profit": maximum_profit(churned, ours, Economics(**costs.model_dump())),
        "capacity": at_capacity(users, churned, ours, most_users=most_users),
    }


def rolling(
    rows: pl.DataFrame,
    test: pl.DataFrame,
    periods: TimeSplit,
    trained: TrainedModel,
    label: Label,
    split: Split,
    evaluate: Evaluate,
) -> dict[str, Any]:
    """`rolling` of metrics.json: the test period and those before it, and the spread of each quality over them."""
    window_days = churn_of(label).longest_days
    settings = trained.card.settings
    earlier, left_out = earlier_origins(
        rows,
        trained.features,
        periods,
        settings,
        window_days,
        count=evaluate.origins - 1,
        min_rows=split.min_rows,
    )
    origins = [judged(periods, test, test["probability"].to_numpy()), *earlier]
    return {
        **spread(origins),
        "origins": [origin.as_json() for origin in origins],
        "left_out": [f"{origin.test}: {origin.because}" for origin in left_out],
    }


def price_of_leaks(rows: pl.DataFrame, periods: TimeSplit, trained: TrainedModel) -> dict[str, Any]:
    """`leak_price` of metrics.json, with `users` "all" or "some" when a large log is thinned."""
    ripe = int(rows["ripe"].sum())
    return {**leak_price(rows, periods, _recipe(trained)), "users": "all" if ripe <= MOST_ROWS else "some"}


def agreement(
    rows: pl.DataFrame, periods: TimeSplit, trained: TrainedModel, features: Sequence[Feature]
) -> dict[str, float]:
    """`profile_agreement` of metrics.json: do two bootstrap models tell the same of the same user."""
    training, test = rows.filter(within(periods.training)), rows.filter(within(periods.test))
    dimension_of = {feature.name: feature.dimension for feature in features}
    return profile_agreement(training, test, _recipe(trained), dimension_of)


def _recipe(trained: TrainedModel) -> Recipe:
    card = trained.card
    return Recipe(trained.features, card.settings, card.capacity, card.rounds, trained.calibration)


def _tables(test: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """What `reports/plots` holds, by name."""
    churned, ours = labels(test), test["probability"].to_numpy()
    return curves(churned, ours) | {
        "thresholds": by_threshold(churned, ours),
        "tenths": by_tenth(churned, ours),
    }


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
