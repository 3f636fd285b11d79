"""Two bootstrap models agree on a user if there is a signal, and do not agree on noise."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from models.evaluation import profile_agreement as agreement
from models.evaluation.profile_agreement import profile_agreement, rank_correlation
from models.learning.booster import Settings, capacity
from models.learning.calibration import IDENTITY
from models.learning.training import Recipe
from tests.support.rows import FEATURES, made_up

ROWS = made_up(users=600)
SETTINGS = Settings(1, 1, 0.1, 8, 1.0, 1.0, 60, 20)
RECIPE = Recipe(FEATURES, SETTINGS, replace(capacity(SETTINGS, 2_000), random_thresholds=False), 40, IDENTITY)
DIMENSION = dict(zip(RECIPE.features, ("rhythm", "spending", "context", "breadth"), strict=True))


@given(arrays(np.float64, (2, 5), elements=st.integers(-3, 3).map(float)))
def test_the_rank_correlation_is_spearmans(pair: np.ndarray) -> None:
    correlation = rank_correlation(pair[:1], pair[1:])
    if min(len(set(row)) for row in pair.tolist()) == 1:
        assert correlation.tolist() == [0.0]
    else:
        np.testing.assert_allclose(correlation, [spearmanr(*pair).statistic])


def test_models_of_a_law_agree_more_than_models_of_chance() -> None:
    half = ROWS["login_day"].median()
    training, test = ROWS.filter(pl.col("login_day") < half), ROWS.filter(pl.col("login_day") >= half)
    lawful = profile_agreement(training, test, RECIPE, DIMENSION)
    chance = training.with_columns(pl.col("churned").shuffle(seed=1))
    assert lawful["mean"] > profile_agreement(chance, test, RECIPE, DIMENSION)["mean"] + 0.2
    assert lawful["low"] <= lawful["median"] <= 1
    assert lawful["users"] == test["user_id"].n_unique()


def test_large_logs_are_thinned_by_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "MOST_ROWS", 500)
    figures = profile_agreement(ROWS, ROWS, RECIPE, DIMENSION)
    assert 300 < figures["training_rows"] < 800
