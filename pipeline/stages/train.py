"""Stage `train`: fits the login model, the list model, a baseline beside them, and the value model.

Promise: the models use the features that `features.json` names and no other column.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from features.catalogue.roles import engagement_components
from features.define import Feature
from models.explanation.contributions import check_contributions
from models.health.engagement import fit_reference
from models.labels.churn import Churn
from models.learning.evidence import fit_evidence
from models.learning.linear import Linear
from models.learning.list_model import ListModel
from models.learning.scorer import parts
from models.learning.silent_training import (
    fit_baseline,
    fit_silent,
    listed_rows,
    refit_silent,
    silent_model,
    silent_rows,
)
from models.learning.split import Period, TimeSplit, ripe_range, within
from models.learning.trained_model import Card, TrainedModel
from models.learning.training import Fitted, fit_model, refit, validation_rows
from models.thinning import step_to_at_least
from pipeline.config.sections import Label, Split, Train, Value
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.dataset import (
    features_of_rows,
    periods_of,
    read_landmarks,
    read_rows,
    settings_of,
)
from pipeline.learning.gates import refuse_unready
from pipeline.learning.landmarks import forms_of
from pipeline.learning.references import references_of
from pipeline.learning.totals import totals_of_users
from pipeline.learning.value_training import fit_value_models
from pipeline.log.facts import LogFacts, read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import ACTIVITY, LANDMARKS, LOG_FACTS, LOGINS, MODEL, READINESS_REPORT
from pipeline.storage.digests import list_files
from pipeline.storage.feature_file import FEATURES_FILE, write_features
from pipeline.storage.model_folder import (
    LIST,
    LOGIN,
    save_engagement,
    save_models,
    save_references,
    save_value,
)

EVALUATED, SCORING = "evaluated", "scoring"
_SAMPLE_ROWS = 500


def run(
    label: Label,
    split: Split,
    train: Train,
    value: Value,
    logins: In = LOGINS.path,
    landmarks: In = LANDMARKS.path,
    activity: In = ACTIVITY.path,
    facts_file: In = LOG_FACTS.path,
    readiness: In = READINESS_REPORT.path,
    model: Out = MODEL.path,
) -> None:
    """Write `evaluated`, fitted on the training rows, and `scoring`, refitted on all ripe rows.

    Each holds a login model, a list model, a baseline, the reference of engagement and, if the log has amounts, a
    value model. Raises InputError
    when a readiness check says stop.
    """
    refuse_unready(readiness)
    rows, features, facts = read_rows(logins), features_of_rows(logins), read_facts(facts_file)
    periods = periods_of(rows, label, split)
    evaluated = fit_model(rows, _names(features), periods, settings_of(train))
    scoring = refit(rows, evaluated, periods)
    of_list = features_of_rows(landmarks)
    marks, churn = read_landmarks(landmarks), churn_of(label)
    columns = forms_of(_names(of_list), totals_of_users(of_list))
    silent = silent_rows(marks, churn.lead_days)
    evaluated_silent = fit_silent(silent, columns, periods, settings_of(train), split.min_rows)
    scoring_silent = refit_silent(silent, evaluated_silent, periods)
    all_listed = listed_rows(marks, churn.lead_days)
    evaluated_simple = fit_baseline(all_listed, columns, periods, split.min_rows)
    scoring_simple = refit_silent(all_listed, evaluated_simple, periods)
    values = fit_value_models(
        marks, rows, activity, facts, periods, churn, settings_of(train), _names(of_list), split, value
    )
    of_value = (None, None) if values is None else (values.evaluated, values.scoring)
    for name, fit, of_silent, simple, worth, period in (
        (EVALUATED, evaluated, evaluated_silent, evaluated_simple, of_value[0], periods.training),
        (SCORING, scoring, scoring_silent, scoring_simple, of_value[1], ripe_range(rows)),
    ):
        login = _login_model(fit, rows, periods, period, churn, tested=name == SCORING)
        both = ListModel(
            login,
            silent_model(of_silent, marks, columns, period, login.card),
            silent_model(simple, marks, columns, period, login.card),
            value_digest=None if worth is None else worth.digest,
        )
        _check_contributions(both, rows, silent)
        save_models(both, model / name)
        if worth is not None:
            save_value(worth, model / name)
        write_features(features, model / name / LOGIN / FEATURES_FILE)
        write_features(of_list, model / name / LIST / FEATURES_FILE)
        _save_references(rows, fit, login, periods, period, facts, model / name, tested=name == SCORING)
        engaged = fit_reference(rows.filter(within(period)), engagement_components(features), period)
        save_engagement(engaged, model / name / LOGIN)
        list_files(model / name)


def _names(features: Sequence[Feature]) -> tuple[str, ...]:
    return tuple(feature.name for feature in features)


def _login_model(
    fit: Fitted, rows: pl.DataFrame, periods: TimeSplit, period: Period, churn: Churn, *, tested: bool
) -> TrainedModel:
    """The login model of `fit`, fitted on the rows of `period`."""
    fitted = rows.filter(within(period))
    card = Card(
        features=fit.features,
        churn=churn,
        settings=fit.settings,
        capacity=fit.capacity,
        rounds=fit.rounds,
        trained_from=period.first,
        trained_to=period.last,
        rows=fitted.height,
        base_rate=int(fitted["churned"].sum()) / fitted.height,
        calibration_note=fit.note,
    )
    evidence = fit_evidence(_validated(fit, rows, periods, tested=tested), fitted)
    return TrainedModel(fit.booster, fit.calibration, card, evidence)


def _validated(fit: Fitted, rows: pl.DataFrame, periods: TimeSplit, *, tested: bool) -> pl.DataFrame:
    """The rows that the calibration of `fit` was fitted to, with their `probability`."""
    return validation_rows(rows, periods, tested=tested).with_columns(
        pl.Series("probability", fit.calibration.probability(fit.out_of_time.log_odds))
    )


def _check_contributions(both: ListModel, rows: pl.DataFrame, silent: pl.DataFrame) -> None:
    """Compare the contributions of both models with LightGBM's own. Those of a regression are exact by definition."""
    check_contributions(both.login.booster, _sample(rows))
    for _, part in parts(both.silent.scorer):
        if not isinstance(part, Linear):
            check_contributions(part, _sample(silent))


def _sample(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.gather_every(step_to_at_least(rows.height, _SAMPLE_ROWS))


def _save_references(
    rows: pl.DataFrame,
    fit: Fitted,
    login: TrainedModel,
    periods: TimeSplit,
    period: Period,
    facts: LogFacts,
    folder: Path,
    *,
    tested: bool,
) -> None:
    fitted, validated = rows.filter(within(period)), _validated(fit, rows, periods, tested=tested)
    scored = validated if validated.height else fitted.with_columns(probability=login.predict(fitted))
    longest = login.card.churn.longest_days
    references = references_of(fitted, scored, fit.features, longest, facts.kinds, sorted(facts.tells))
    save_references(references, folder / LOGIN)


if __name__ == "__main__":
    main(run)
