"""Training uses its periods only, and equal rows give equal trees."""

from dataclasses import replace

import polars as pl

from models.learning.booster import Settings, log_odds
from models.learning.split import time_split, within
from models.learning.training import fit_model, refit
from models.metrics.quality import auc
from models.rows import labels
from tests.support.rows import FEATURES, made_up

SETTINGS = Settings(
    seed=1,
    threads=1,
    learning_rate=0.05,
    leaves=8,
    feature_fraction=0.6,
    l2=10.0,
    max_rounds=150,
    patience_rounds=20,
)
ROWS = made_up(users=1_000)
SPLIT = time_split(ROWS, 14, test_from=None, test_share=0.25, origins=2, min_rows=30)
FITTED = fit_model(ROWS, FEATURES, SPLIT, SETTINGS)


def test_a_fitted_model_tells_who_leaves_in_the_test_period() -> None:
    test = ROWS.filter(within(SPLIT.test))
    assert auc(labels(test), log_odds(FITTED.booster, test, FITTED.features, 1)) > 0.65


def test_nothing_of_the_test_period_reaches_the_evaluated_model() -> None:
    after = within(SPLIT.test)
    changed = ROWS.with_columns(
        pl.when(after).then(~pl.col("churned")).otherwise("churned").alias("churned"),
        pl.when(after).then(9).otherwise("stay").cast(pl.Float32).alias("stay"),
    )
    again = fit_model(changed, FEATURES, SPLIT, SETTINGS)
    assert again.booster.model_to_string() == FITTED.booster.model_to_string()
    assert again.calibration == FITTED.calibration


def test_the_calibration_is_learnt_from_the_judged_periods_alone() -> None:
    rows = sum(ROWS.filter(within(origin.validation)).height for origin in SPLIT.origins)
    assert len(FITTED.out_of_time.churned) == rows
    assert FITTED.note == f"sigmoid from {rows} out-of-time predictions at 2 origins"


def test_without_an_origin_calibration_is_the_identity_and_rounds_follow_the_rows() -> None:
    fitted = fit_model(ROWS, FEATURES, replace(SPLIT, origins=()), SETTINGS)
    assert fitted.calibration.kind == "identity"
    assert fitted.rounds == fitted.capacity.default_rounds
    assert "no period inside the training range leaves split.min_rows" in fitted.note


def test_the_scoring_model_has_the_same_settings_and_more_rows_and_rounds() -> None:
    scoring = refit(ROWS, FITTED, SPLIT)
    assert (scoring.settings, scoring.capacity) == (FITTED.settings, FITTED.capacity)
    assert scoring.rounds >= FITTED.rounds
    tested = ROWS.filter(within(SPLIT.test)).height
    assert len(scoring.out_of_time.churned) == len(FITTED.out_of_time.churned) + tested


def test_rows_without_any_signal_still_make_a_model() -> None:
    dull = ROWS.drop("stay", "revenue_often", "noise").with_columns(constant=pl.lit(1.0))
    fitted = fit_model(dull, ["constant"], SPLIT, SETTINGS)
    assert len(set(log_odds(fitted.booster, dull, fitted.features, 1))) == 1


def test_a_helper_column_in_the_rows_does_not_become_a_feature() -> None:
    helper = ROWS.with_columns(helper=pl.col("churned").cast(pl.Float32))  # it equals the label
    fitted = fit_model(helper, FEATURES, SPLIT, SETTINGS)
    assert fitted.features == FEATURES
    assert fitted.booster.feature_name() == list(FEATURES)
    assert fitted.booster.model_to_string() == FITTED.booster.model_to_string()
    assert refit(helper, fitted, SPLIT).booster.feature_name() == list(FEATURES)
