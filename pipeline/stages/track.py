"""Stage `track`: the whole result as one MLflow run, and its model in the registry.

Promise: tracking the same result twice makes one run. No user id leaves in clear unless `tracking.user_ids` says
so.
"""

import tempfile
from pathlib import Path

from pipeline.config.business import Business
from pipeline.config.external import External
from pipeline.config.sections import (
    Costs,
    Evaluate,
    Features,
    Holdout,
    Label,
    Log,
    Plays,
    Rates,
    RiskBands,
    Split,
    Styles,
    Tracking,
    Train,
    Value,
)
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    BUSINESS_REPORT,
    BUSINESS_ROWS,
    CAUSES_REPORT,
    COHORTS_TABLE,
    DRIFT_REPORT,
    FADE_TABLE,
    INGEST_REPORT,
    LANDMARKS,
    LIST_PREDICTIONS,
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
from pipeline.storage.files import write_json
from pipeline.tracking.pseudonyms import naming_of
from pipeline.tracking.registry import store_in_use
from pipeline.tracking.result import Files, Result, parameters
from pipeline.tracking.run_content import content_of


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
    plays: Plays,
    styles: Styles,
    value: Value,
    external: External,
    business: Business,
    model: In = MODEL.path,
    logins: In = LOGINS.path,
    landmarks: In = LANDMARKS.path,
    predictions: In = TEST_PREDICTIONS.path,
    list_predictions: In = LIST_PREDICTIONS.path,
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
    figures: In = BUSINESS_REPORT.path,
    figure_rows: In = BUSINESS_ROWS.path,
    cohorts: In = COHORTS_TABLE.path,
    fade: In = FADE_TABLE.path,
    tracked: Out = MLFLOW_REPORT.path,
    promotion: Out = PROMOTION_REPORT.path,
) -> None:
    """Record the result as a run if it is not recorded yet, and decide whether its model becomes champion.

    Writes the ids of the run, and the decision with its reasons. Raises InputError when MLflow cannot be reached or
    refuses, or when the key of the user ids cannot be used.
    """
    naming, store = naming_of(tracking), store_in_use(tracking)
    from pipeline.tracking.decision import decide_promotion  # noqa: PLC0415  # MLflow takes seconds
    from pipeline.tracking.runs import earlier_run, new_run  # noqa: PLC0415  # likewise

    sections = (
        log, rates, features, label, split, train, evaluate, costs, risk_bands, holdout, plays, styles, value, external,
        business,
    )  # fmt: skip
    files = Files(
        model, logins, landmarks, predictions, list_predictions, profiles, ingest_report, curve, metrics, plots,
        report, model_card, drift_report, segments, causes, figures, figure_rows, cohorts, fade, Path(plays.path),
    )  # fmt: skip
    result = Result(files, log, label, split, evaluate, parameters(sections))
    # A run under another key is another run. The pseudonym of the empty id stands for the key.
    digest = result.digest(
        {
            "tracking.model_name": tracking.model_name,
            "tracking.user_ids": tracking.user_ids,
            "nobody": naming(""),
        }
    )
    run_of_result = earlier_run(store, digest)
    if run_of_result is None:
        with tempfile.TemporaryDirectory() as folder:
            run_of_result = new_run(store, content_of(result, digest, naming, Path(folder)))
    write_json(decide_promotion(store, run_of_result, result), promotion)
    write_json(run_of_result.as_json(store, digest), tracked)


if __name__ == "__main__":
    main(run)
