"""Stage `evaluate`: the quality of the evaluated model on the test period, against baselines and the truth."""

from pathlib import Path

import polars as pl

from models.learning.split import within
from models.metrics.bootstrap import Bootstrap
from pipeline.config.sections import Costs, Evaluate, Label, Log, Policy, Rates, RiskBands, Split, Styles
from pipeline.evaluation.earliness import LogFiles, within_the_day
from pipeline.evaluation.list_quality import after_silence, better_scorer, graded, list_section, lists_of
from pipeline.evaluation.oracle import against_truth, truth_beside
from pipeline.evaluation.planted_causes import reasons_found
from pipeline.evaluation.planted_play import play_styles_found
from pipeline.evaluation.sections import (
    engaged,
    model_facts,
    plot_tables,
    price_of_leaks,
    profit,
    quality_on_test,
    rolling,
    rows_to_predict,
    trust,
)
from pipeline.evaluation.slice_columns import columns_of
from pipeline.evaluation.value_quality import value_section
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.dataset import periods_of, read_landmarks, read_rows
from pipeline.learning.gates import refuse_other_churn
from pipeline.learning.play_counts import play_counts
from pipeline.learning.totals import totals_of_users
from pipeline.log.log_in_use import read_log_in_use
from pipeline.runner.stage import In, Out, main
from pipeline.storage.csv_tables import write_csv
from pipeline.storage.datasets import (
    ACTIVITY,
    EVALUATED_MODEL,
    EVENTS,
    EXTERNAL_CHECKED,
    EXTERNAL_REPORT,
    LANDMARKS,
    LIST_PREDICTIONS,
    LOG_FACTS,
    LOGINS,
    METRICS_REPORT,
    PLOTS,
    RATES,
    TEST_PREDICTIONS,
)
from pipeline.storage.digests import list_files
from pipeline.storage.files import write_json
from pipeline.storage.frames import write_parquet
from pipeline.storage.model_folder import LIST, LOGIN, load_engagement, load_features, load_models, load_value


def run(
    log: Log,
    rates: Rates,
    label: Label,
    split: Split,
    evaluate: Evaluate,
    costs: Costs,
    risk_bands: RiskBands,
    policy: Policy,
    styles: Styles,
    model: In = EVALUATED_MODEL.path,
    logins: In = LOGINS.path,
    landmarks: In = LANDMARKS.path,
    activity: In = ACTIVITY.path,
    events: In = EVENTS.path,
    external_checked: In = EXTERNAL_CHECKED.path,
    external_report: In = EXTERNAL_REPORT.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    predictions: Out = TEST_PREDICTIONS.path,
    list_predictions: Out = LIST_PREDICTIONS.path,
    metrics: Out = METRICS_REPORT.path,
    plots: Out = PLOTS.path,
) -> None:
    """Write the predictions of test rows and of the test period's lists, `metrics.json` and the curves' tables."""
    models, churn = load_models(model), churn_of(label)
    trained = models.login
    in_use = read_log_in_use(log, facts_file, external_checked, external_report)
    refuse_other_churn(trained.card.churn, churn, str(model))
    rows = read_rows(logins)
    periods = periods_of(rows, label, split)
    test = rows_to_predict(rows, periods, trained)
    bootstrap = Bootstrap(evaluate.bootstrap, evaluate.seed)
    columns, absent = columns_of(test, rows, trained.features, activity, evaluate.by)
    features = load_features(model / LOGIN, trained.features)
    marks = read_landmarks(landmarks)
    lists = lists_of(marks, rows, models, periods, evaluate.seed)
    of_lists = list_section(lists, bootstrap, policy, risk_bands)
    sources, files = in_use.row_sources(rates, rates_table), LogFiles(events, activity, external_checked)
    sections = {
        **graded(lists, of_lists),
        "scorer": better_scorer(of_lists),
        "list": of_lists,
        "value": value_section(
            marks, load_value(model), periods.test.first, trained.card.churn.lead_days, bootstrap
        ),
        **quality_on_test(
            rows, test, totals_of_users(features), periods, bootstrap, label, evaluate, columns
        ),
        "not_judged_by": absent,
        "profit": profit(test, costs),
        "rolling": rolling(rows, test, periods, trained, label, split, evaluate),
        "leak_price": price_of_leaks(rows, periods, trained),
        "earliness": {
            "within_day": within_the_day(
                test, files, sources, trained, features, evaluate.early_rows, bootstrap
            ),
            "silence": after_silence(lists, bootstrap),
        },
        "engagement": engaged(rows, periods, load_engagement(model / LOGIN)),
        **trust(rows, test, periods, trained, features, bootstrap),
        **model_facts(models, periods),
    }
    truth = truth_beside(Path(log.path))
    if truth is not None and churn.is_plain:  # the truth is that of plain churn
        sections["oracle"] = against_truth(truth, rows, test, periods, trained)
        on_lists = marks.filter(pl.col("listed") & pl.col("ripe"))
        of_list_model = load_features(model / LIST, models.features)
        sections["reasons"] = {
            **reasons_found(truth, rows.filter(within(periods.test)), trained, features),
            "list": reasons_found(truth, on_lists, models, of_list_model),
        }
    if truth is not None:
        done = play_counts(activity, in_use.contract, in_use.facts.log_end)
        play = play_styles_found(truth, done, rows, styles)
        sections |= {} if play is None else {"play_styles": play}
    write_parquet(test.select("user_id", "login_day", "churned", "probability"), predictions)
    columns_of_lists = ("user_id", "as_of", "login_day", "silent_days", "churned", "probability")
    write_parquet(lists.rows.select(columns_of_lists), list_predictions)
    write_json(sections, metrics)
    plots.mkdir(parents=True, exist_ok=True)
    for name, table in plot_tables(test).items():
        write_csv(table, plots / f"{name}.csv", digits=6)
    list_files(plots)


if __name__ == "__main__":
    main(run)
