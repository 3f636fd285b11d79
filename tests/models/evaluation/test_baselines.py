"""Baselines know dates alone, and are judged on the very rows of the model."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.baselines import BASELINES, baseline_predictions
from models.evaluation.login_history import with_history
from models.learning.split import time_split, within
from models.metrics.quality import auc
from models.rows import labels
from tests.support.rows import drawn, made_up

ROWS = made_up()
SPLIT = time_split(ROWS, 14, test_from=None, test_share=0.25, origins=3, min_rows=20)


def test_history_of_a_login_is_what_its_dates_say() -> None:
    found = with_history(drawn(ann=[0, 15, 17, 75], bob=[4]))
    assert found["gap_days"].to_list() == [None, 15, 2, 58, None]
    assert found["mean_gap_days"].to_list() == [None, 15, 8.5, 25, None]
    assert found["tenure_days"].to_list() == [0, 15, 17, 75, 0]
    assert found["logins_60d"].to_list() == [1, 2, 3, 2, 1]
    assert found["logins_90d"].to_list() == [1, 2, 3, 4, 1]


@given(
    st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(0, 200), min_size=1).map(sorted), min_size=1)
)
def test_history_does_not_change_when_later_logins_are_cut(history: dict[str, list[int]]) -> None:
    early = {user: [d for d in days if d <= 100] for user, days in history.items()}
    whole, cut = drawn(**history), drawn(**{user: days for user, days in early.items() if days})
    told = with_history(whole).filter(pl.col("login_day") <= pl.date(2024, 4, 10))
    assert with_history(cut).equals(told, null_equal=True)


def test_every_baseline_gives_each_test_row_a_probability() -> None:
    found = baseline_predictions(ROWS, SPLIT, 14, 0)
    assert tuple(found) == BASELINES
    rows = ROWS.filter(within(SPLIT.test)).height
    for probability in found.values():
        assert probability.shape == (rows,)
        assert ((probability > 0) & (probability < 1)).all()


def test_silence_and_rfm_tell_something_of_who_leaves() -> None:
    found, churned = baseline_predictions(ROWS, SPLIT, 14, 0), labels(ROWS.filter(within(SPLIT.test)))
    assert auc(churned, found["silence"]) > 0.55
    assert auc(churned, found["rfm_logistic"]) > 0.55


def test_test_labels_do_not_reach_a_baseline() -> None:
    turned = ROWS.with_columns(
        pl.when(within(SPLIT.test)).then(~pl.col("churned")).otherwise("churned").alias("churned")
    )
    before, after = baseline_predictions(ROWS, SPLIT, 14, 0), baseline_predictions(turned, SPLIT, 14, 0)
    for name in BASELINES:
        assert np.array_equal(before[name], after[name])


def test_a_log_of_single_logins_has_baselines_too() -> None:
    single = ROWS.filter(pl.col("login_number") == 1)
    found = baseline_predictions(single, SPLIT, 14, 0)
    churned = labels(single.filter(within(SPLIT.training)))
    assert found["own_gap"] == pytest.approx(churned.mean())
