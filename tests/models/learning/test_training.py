"""Learning keeps to its periods, and the same rows give the same trees."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import DataError
from models.learning.booster import Settings, capacity, log_odds
from models.learning.split import time_split, within
from models.learning.training import learn, refit
from models.metrics.quality import auc
from models.rows import feature_matrix, labels
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
LEARNT = learn(ROWS, FEATURES, SPLIT, SETTINGS)


def test_what_was_learnt_tells_who_leaves_in_the_test_period() -> None:
    test = ROWS.filter(within(SPLIT.test))
    assert auc(labels(test), log_odds(LEARNT.booster, test, LEARNT.features, 1)) > 0.65


def test_nothing_of_the_test_period_reaches_the_evaluated_model() -> None:
    after = within(SPLIT.test)
    changed = ROWS.with_columns(
        pl.when(after).then(~pl.col("churned")).otherwise("churned").alias("churned"),
        pl.when(after).then(9).otherwise("stay").cast(pl.Float32).alias("stay"),
    )
    again = learn(changed, FEATURES, SPLIT, SETTINGS)
    assert again.booster.model_to_string() == LEARNT.booster.model_to_string()
    assert again.calibration == LEARNT.calibration


def test_the_calibration_is_learnt_from_the_judged_periods_alone() -> None:
    judged = sum(ROWS.filter(within(origin.judged)).height for origin in SPLIT.origins)
    assert len(LEARNT.out_of_time.churned) == judged
    assert LEARNT.note == f"sigmoid from {judged} predictions made out of time at 2 origins"


def test_without_an_origin_calibration_is_the_identity_and_rounds_follow_the_rows() -> None:
    found = learn(ROWS, FEATURES, replace(SPLIT, origins=()), SETTINGS)
    assert found.calibration.kind == "identity"
    assert found.rounds == found.capacity.default_rounds
    assert "no period inside the training range leaves split.min_rows" in found.note


def test_the_scoring_model_has_the_same_settings_and_more_rows_and_rounds() -> None:
    scoring = refit(ROWS, LEARNT, SPLIT)
    assert (scoring.settings, scoring.capacity) == (LEARNT.settings, LEARNT.capacity)
    assert scoring.rounds >= LEARNT.rounds
    tested = ROWS.filter(within(SPLIT.test)).height
    assert len(scoring.out_of_time.churned) == len(LEARNT.out_of_time.churned) + tested


@given(st.integers(100, 5_000_000), st.integers(100, 5_000_000))
def test_capacity_never_shrinks_with_the_rows(some: int, other: int) -> None:
    few, many = capacity(SETTINGS, min(some, other)), capacity(SETTINGS, max(some, other))
    assert 8 <= few.leaves <= many.leaves <= 64
    assert 20 <= few.min_leaf_rows <= many.min_leaf_rows <= 500
    assert 0.05 <= few.learning_rate <= many.learning_rate <= 0.15


def test_a_small_log_has_the_settings_as_they_stand() -> None:
    found = capacity(SETTINGS, 20_000)
    assert (found.leaves, found.learning_rate, found.patience_rounds) == (8, 0.05, 20)


def test_a_column_beside_the_features_is_never_learnt_from() -> None:
    with_helper = ROWS.with_columns(helper=pl.col("churned").cast(pl.Float32))
    again = learn(with_helper, FEATURES, SPLIT, SETTINGS)
    assert again.features == FEATURES
    assert again.booster.model_to_string() == LEARNT.booster.model_to_string()


def test_a_feature_that_the_model_needs_is_missed_by_name() -> None:
    with pytest.raises(DataError, match=r"1 of 2 features that the model needs are missing: gone"):
        feature_matrix(ROWS, ["stay", "gone"])
    assert np.isnan(feature_matrix(ROWS, ["stay"])).any()


def test_rows_without_any_signal_still_make_a_model() -> None:
    dull = ROWS.drop("stay", "revenue_often", "noise").with_columns(constant=pl.lit(1.0))
    found = learn(dull, FEATURES, SPLIT, SETTINGS)
    assert len(set(log_odds(found.booster, dull, found.features, 1))) == 1
