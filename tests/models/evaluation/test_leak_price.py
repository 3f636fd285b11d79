"""Each way of splitting trains and tests on its stated rows, and the purged one has no leak."""

import polars as pl
import pytest

from models.evaluation.leak_price import leak_price
from models.learning.booster import Settings, capacity
from models.learning.calibration import IDENTITY
from models.learning.split import time_split, within
from models.learning.training import Recipe
from tests.support.rows import FEATURES, made_up

ROWS = made_up(users=500)
SPLIT = time_split(ROWS, 14, test_from=None, test_share=0.25, origins=1, min_rows=20)
SETTINGS = Settings(
    seed=1,
    threads=1,
    learning_rate=0.1,
    leaves=8,
    feature_fraction=0.8,
    l2=1.0,
    max_rounds=50,
    patience_rounds=5,
)
RECIPE = Recipe(FEATURES, SETTINGS, capacity(SETTINGS, 2_000), 20, IDENTITY)


def test_the_rows_are_those_of_the_way() -> None:
    prices = leak_price(ROWS, SPLIT, RECIPE)
    ripe, test = ROWS.filter("ripe").height, ROWS.filter(within(SPLIT.test)).height
    assert prices["random"]["rows"] == prices["unpurged"]["rows"] == prices["purged"]["rows"] == test
    assert prices["unpurged"]["training_rows"] == ripe - test
    assert prices["random"]["training_rows"] == pytest.approx(ripe - test / 2, abs=test / 10)
    assert prices["purged"]["training_rows"] == ROWS.filter(within(SPLIT.training)).height


def test_labels_between_training_and_test_do_not_reach_the_purged_split() -> None:
    gap = pl.col("login_day").is_between(SPLIT.training.last, SPLIT.test.first, closed="none")
    turned = ROWS.with_columns(pl.when(gap).then(~pl.col("churned")).otherwise("churned").alias("churned"))
    before, after = leak_price(ROWS, SPLIT, RECIPE), leak_price(turned, SPLIT, RECIPE)
    assert after["purged"] == before["purged"]
    assert after["unpurged"] != before["unpurged"]


def test_a_random_split_learns_from_the_test_period_itself() -> None:
    """Churn that is new in the test period is known to the random split alone, on the same rows."""
    first = FEATURES[0]
    tested = within(SPLIT.test)
    new = ROWS.with_columns(
        pl.when(tested).then(pl.col(first) > pl.col(first).median()).otherwise("churned").alias("churned")
    )
    prices = leak_price(new, SPLIT, RECIPE)
    assert prices["random"]["auc"] > 0.9 > prices["unpurged"]["auc"]


def test_a_large_log_is_thinned_by_users() -> None:
    prices = leak_price(ROWS, SPLIT, RECIPE, most_rows=ROWS.filter("ripe").height // 2)
    whole = leak_price(ROWS, SPLIT, RECIPE)
    assert prices["purged"]["rows"] == pytest.approx(whole["purged"]["rows"] / 2, rel=0.25)
