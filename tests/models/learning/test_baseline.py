"""The baseline of a version: recency, frequency and money, for every listed user."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.errors import DataError
from models.explanation.attribution import attribution
from models.learning.list_model import ListModel
from models.learning.silent_training import RFM, fit_baseline, listed_rows, refit_silent, silent_model
from models.metrics.quality import auc
from models.rows import labels
from tests.support.landmark_rows import COLUMNS, landmarks, list_model, login_model, split_of

WITH_RFM = replace(COLUMNS, rfm=("silent_days", "silent_to_mean_gap"))
ROWS = listed_rows(landmarks(), 0)
LISTED = landmarks().filter("listed", "ripe")


def version() -> ListModel:
    fit = fit_baseline(ROWS, WITH_RFM, split_of(), 30)
    simple = silent_model(fit, landmarks(), WITH_RFM, split_of().training, login_model().card)
    return replace(list_model(), baseline=simple)


BOTH = version()
BY_BASELINE = BOTH.by("baseline")


def test_the_baseline_gives_every_number_also_on_the_day_of_a_login() -> None:
    assert BOTH.baseline is not None
    raw = BOTH.baseline.scorer.log_odds(LISTED)  # type: ignore[union-attr]  # a regression
    assert BY_BASELINE.predict(LISTED) == pytest.approx(BOTH.baseline.calibration.probability(raw))
    assert not np.allclose(BY_BASELINE.predict(LISTED), BOTH.predict(LISTED))
    assert auc(labels(LISTED), BY_BASELINE.predict(LISTED)) > 0.6


def test_the_contributions_add_up_to_the_baseline_s_log_odds() -> None:
    made = attribution(LISTED, BY_BASELINE)
    assert BOTH.baseline is not None
    raw = BOTH.baseline.scorer.log_odds(LISTED)  # type: ignore[union-attr]  # a regression
    assert made.base_log_odds + made.values.sum(axis=1) == pytest.approx(raw)
    assert made.probability == pytest.approx(BY_BASELINE.predict(LISTED))


def test_the_baseline_is_part_of_the_version_and_the_choice_of_the_scorer_is_not() -> None:
    assert BOTH.version != list_model().version
    assert BOTH.version == BY_BASELINE.version
    assert BOTH.by("model").predict(LISTED) == pytest.approx(list_model().predict(LISTED))


def test_a_version_without_a_baseline_is_not_scored_by_it() -> None:
    with pytest.raises(DataError, match="no baseline"):
        list_model().by("baseline")


def test_the_baseline_is_fitted_to_the_training_rows_and_refitted_to_all_ripe_ones() -> None:
    fit = fit_baseline(ROWS, WITH_RFM, split_of(), 30)
    turned = ROWS.with_columns(
        churned=pl.when(pl.col("login_day") >= split_of().test.first)
        .then(~pl.col("churned"))
        .otherwise(pl.col("churned"))
    )
    assert not turned.equals(ROWS)
    again = fit_baseline(turned, WITH_RFM, split_of(), 30)
    assert again.scorer == fit.scorer
    assert fit.form == RFM
    assert refit_silent(turned, again, split_of()).scorer != refit_silent(ROWS, fit, split_of()).scorer
