"""Stage `train`: fits a model that predicts whether a login is the last one, on ripe login rows.

Promise: the model uses the features that `features.json` names and no other column.
"""

import polars as pl

from models.explanation.contributions import check_contributions
from models.labels.churn import Churn
from models.labels.label import return_days
from models.learning.evidence import Evidence, fit_evidence
from models.learning.silence import fit_silences
from models.learning.split import Period, ripe_range, within
from models.learning.trained_model import Card, TrainedModel
from models.learning.training import Fitted, fit_model, refit, validation_rows
from models.thinning import step_to_at_least
from pipeline.config.sections import Label, Split, Train
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.dataset import features_of_rows, periods_of, read_rows, settings_of
from pipeline.learning.gates import refuse_unready
from pipeline.learning.references import references_of
from pipeline.log.facts import read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import LOG_FACTS, LOGINS, MODEL, READINESS_REPORT
from pipeline.storage.feature_file import FEATURES_FILE, write_features
from pipeline.storage.model_folder import save_model, save_references

EVALUATED, SCORING = "evaluated", "scoring"
_SAMPLE_ROWS = 500
_RETURN_DAYS = "return_days"


def run(
    label: Label,
    split: Split,
    train: Train,
    logins: In = LOGINS.path,
    facts_file: In = LOG_FACTS.path,
    readiness: In = READINESS_REPORT.path,
    model: Out = MODEL.path,
) -> None:
    """Write `evaluated`, fitted on the training rows, and `scoring`, refitted on all ripe rows.

    Raises InputError when a readiness check says stop.
    """
    refuse_unready(readiness)
    rows, features, facts = read_rows(logins), features_of_rows(logins), read_facts(facts_file)
    returns = rows.select("login_day", "login_number", "churned", "ripe", "window_days").with_columns(
        return_days(rows, facts.log_end).alias(_RETURN_DAYS)
    )
    periods = periods_of(rows, label, split)
    evaluated = fit_model(rows, tuple(feature.name for feature in features), periods, settings_of(train))
    scoring = refit(rows, evaluated, periods)
    sample = rows.gather_every(step_to_at_least(rows.height, _SAMPLE_ROWS))
    churn = churn_of(label)
    for name, fit, period in (
        (EVALUATED, evaluated, periods.training),
        (SCORING, scoring, ripe_range(rows)),
    ):
        check_contributions(fit.booster, sample)
        validation = validation_rows(rows, periods, tested=name == SCORING).with_columns(
            pl.Series("probability", fit.calibration.probability(fit.out_of_time.log_odds))
        )
        fitted = rows.filter(within(period))
        saved = trained_model(fit, returns, period, churn, fit_evidence(validation, fitted))
        save_model(saved, model / name)
        write_features(features, model / name / FEATURES_FILE)
        scored = validation if validation.height else fitted.with_columns(probability=saved.predict(fitted))
        references = references_of(
            fitted, scored, fit.features, churn.longest_days, facts.kinds, sorted(facts.tells)
        )
        save_references(references, model / name)


def trained_model(
    fit: Fitted, returns: pl.DataFrame, period: Period, churn: Churn, evidence: Evidence
) -> TrainedModel:
    """The model of `fit`, fitted on the rows of `period`; with silence curves of these rows if silence is churn.

    `returns` has `login_day, login_number, churned, ripe, window_days, return_days` of all rows.
    """
    fitted_on = returns.filter(within(period))
    card = Card(
        features=fit.features,
        churn=churn,
        settings=fit.settings,
        capacity=fit.capacity,
        rounds=fit.rounds,
        trained_from=period.first,
        trained_to=period.last,
        rows=fitted_on.height,
        base_rate=int(fitted_on["churned"].sum()) / fitted_on.height,
        calibration_note=fit.note,
    )
    classes = churn.window_classes if churn.is_silence else ()
    silences = fit_silences(fitted_on, fitted_on[_RETURN_DAYS], classes)
    return TrainedModel(fit.booster, fit.calibration, silences, card, evidence)


if __name__ == "__main__":
    main(run)
