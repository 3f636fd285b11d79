"""Baselines use dates alone, and are evaluated on the same rows as the model."""

import numpy as np
import polars as pl
import pytest

from models.evaluation.baselines import BASELINES, baseline_predictions
from models.learning.split import time_split, within
from models.metrics.quality import auc
from models.rows import labels
from tests.support.rows import made_up

ROWS = made_up()
TOTALS = ()  # of dates alone
SPLIT = time_split(ROWS, 14, test_from=None, test_share=0.25, origins=3, min_rows=20)


def test_every_baseline_gives_each_test_row_a_probability() -> None:
    predictions = baseline_predictions(ROWS, TOTALS, SPLIT, 14, 0)
    assert tuple(predictions) == BASELINES
    rows = ROWS.filter(within(SPLIT.test)).height
    for probability in predictions.values():
        assert probability.shape == (rows,)
        assert ((probability > 0) & (probability < 1)).all()


def test_silence_and_rfm_tell_something_of_who_leaves() -> None:
    predictions, churned = (
        baseline_predictions(ROWS, TOTALS, SPLIT, 14, 0),
        labels(ROWS.filter(within(SPLIT.test))),
    )
    assert auc(churned, predictions["silence"]) > 0.55
    assert auc(churned, predictions["rfm_logistic"]) > 0.55


def test_test_labels_do_not_reach_a_baseline() -> None:
    turned = ROWS.with_columns(
        pl.when(within(SPLIT.test)).then(~pl.col("churned")).otherwise("churned").alias("churned")
    )
    before, after = (
        baseline_predictions(ROWS, TOTALS, SPLIT, 14, 0),
        baseline_predictions(turned, TOTALS, SPLIT, 14, 0),
    )
    for name in BASELINES:
        assert np.array_equal(before[name], after[name])


def test_a_log_of_single_logins_has_baselines_too() -> None:
    single = ROWS.filter(pl.col("login_number") == 1)
    predictions = baseline_predictions(single, TOTALS, SPLIT, 14, 0)
    churned = labels(single.filter(within(SPLIT.training)))
    assert predictions["own_gap"] == pytest.approx(churned.mean())


def test_rfm_uses_the_totals_that_are_named_and_no_other_feature() -> None:
    helper = ROWS.with_columns(events_life=pl.col("churned").cast(pl.Float32).fill_null(0))
    without, named = (
        baseline_predictions(helper, totals, SPLIT, 14, 0)["rfm_logistic"] for totals in ([], ["events_life"])
    )
    churned = labels(ROWS.filter(within(SPLIT.test)))
    assert auc(churned, without) < 0.9 < auc(churned, named)
