"""Earlier origins use no rows whose labels depend on their test period."""

import polars as pl
import pytest

from models.evaluation.rolling_origins import earlier_origins, spread
from models.learning.booster import Settings
from models.learning.split import time_split
from tests.support.rows import FEATURES, made_up

ROWS = made_up(users=700, days=160)
SPLIT = time_split(ROWS, 14, test_from=None, test_share=0.25, origins=1, min_rows=20)
SETTINGS = Settings(
    seed=1,
    threads=1,
    learning_rate=0.1,
    leaves=8,
    feature_fraction=0.8,
    l2=1.0,
    max_rounds=40,
    patience_rounds=5,
)


def test_periods_touch_and_are_purged() -> None:
    origins, left_out = earlier_origins(ROWS, FEATURES, SPLIT, SETTINGS, 14, count=3, min_rows=20)
    assert len(origins) + len(left_out) == 3
    assert origins
    following = SPLIT.test
    for origin in origins:
        assert (following.first - origin.test.last).days == 1
        assert (origin.test.last - origin.test.first) == (SPLIT.test.last - SPLIT.test.first)
        assert (origin.test.first - origin.training.last).days == 15
        following = origin.test
    assert "that churned" in left_out[-1].because


def test_labels_from_a_period_on_do_not_change_what_is_predicted_for_it() -> None:
    (before,), _ = earlier_origins(ROWS, FEATURES, SPLIT, SETTINGS, 14, count=1, min_rows=20)
    late = pl.col("login_day") > before.test.last
    turned = ROWS.with_columns(pl.when(late).then(~pl.col("churned")).otherwise("churned").alias("churned"))
    (after,), _ = earlier_origins(turned, FEATURES, SPLIT, SETTINGS, 14, count=1, min_rows=20)
    assert after == before


def test_one_origin_has_no_spread_and_none_before_it() -> None:
    origins, left_out = earlier_origins(ROWS, FEATURES, SPLIT, SETTINGS, 14, count=0, min_rows=20)
    assert (origins, left_out) == ([], [])
    (only,), _ = earlier_origins(ROWS, FEATURES, SPLIT, SETTINGS, 14, count=1, min_rows=20)
    figures = spread([only])["auc"]
    assert figures == {
        "mean": pytest.approx(only.qualities["auc"]),
        "low": only.qualities["auc"],
        "high": only.qualities["auc"],
        "sd": None,
    }
